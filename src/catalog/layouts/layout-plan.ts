import { type Layout, parseLayoutText } from '@usher/contract';

/** A {@link Layout} without its id, because it is not stored yet. One unit is the width of a seat. */
export type LayoutPlan = Omit<Layout, 'layoutId'>;

/** Parses the layout text of a demo hall. @throws Error that names each wrong line */
export function parseDemoLayout(text: string): LayoutPlan {
  const { layout, problems } = parseLayoutText(text);
  if (layout) return { ...layout, seatCount: layout.seats.length };
  throw new Error(problems.map(({ line, message }) => `line ${line}: ${message}`).join('\n'));
}
