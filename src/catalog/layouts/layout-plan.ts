import { type Layout, parseLayoutText } from '@usher/contract';

/** A layout before it is stored: all of {@link Layout} but its id. One unit is the width of a seat. */
export type LayoutPlan = Omit<Layout, 'layoutId'>;

/** The layout that a text of ours draws. @throws Error that names the line when the text is wrong */
export function drawn(text: string): LayoutPlan {
  const { layout, problems } = parseLayoutText(text);
  if (layout) return { ...layout, seatCount: layout.seats.length };
  throw new Error(problems.map(({ line, message }) => `line ${line}: ${message}`).join('\n'));
}
