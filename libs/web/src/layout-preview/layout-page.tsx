import { type LayoutBody, type LayoutTextProblem, parseLayoutText } from '@usher/contract';
import { useDeferredValue, useId, useMemo, useState } from 'react';
import { buildHallMap } from '../seat-map/hall-map.js';
import { formatCount } from '../ui/format.js';
import { Page } from '../ui/page.js';
import { HallDrawing } from './hall-drawing.js';
import './layout-page.css';

/** The initial text. It contains every kind of line, as an example that the user can change. */
const exampleText = `# Distances are in seats: 1 is the width of a seat.
stage Screen width 14 depth 0.5 gap 3.5
seat S premium

section Stalls
A-C 4s_8s_4s
gap 1.2
D   ssss_wcsscw_ssss
E-G 4s_8S_4s

gap 2
section Balcony prefix B- round 30
A 5s_10s_5s
B 5s_11s_5s

section Box prefix X- at -13 4 turn 90
A sss
`;

const syntaxEntries: readonly (readonly [string, string])[] = [
  [
    'A 4s_12s_4s',
    'A row with four seats, an aisle, twelve seats, an aisle and four seats. A full stop is an empty place.',
  ],
  [
    'A-H 10s',
    'Rows A to H with the same seats. The letters I and O are skipped. Rows can also have numbers, such as 1-20.',
  ],
  [
    'gap 1.5 · pitch 1.15 · aisle 1.4',
    'Extra space before the next row, the distance between rows, and the width of an aisle.',
  ],
  [
    'seat S premium',
    'S is a seat of the tier premium. After the tier, you can write wheelchair, companion or restrictedView.',
  ],
  [
    'section Circle prefix C- round 40',
    'The rows below belong to this section. They bend around a point 40 in front of the first row. Labels start with C-A1.',
  ],
  ['section "Box 1" at -31 5 turn 90', 'The section stands at this position and is turned clockwise.'],
  ['section 101-120 at 0 0 round 35 step 18', 'Twenty equal sections around a point.'],
  [
    'stage Screen width 9 depth 0.4 gap 3',
    'The stage or screen. “gap” is its distance to the first row. Instead, “at X Y” gives its centre.',
  ],
];

/** Draws a layout while the user types it. The text never leaves the page. */
export function LayoutPage() {
  const [text, setText] = useState(exampleText);
  const id = useId();
  // The deferred value keeps typing fast even if drawing is slow.
  const parsed = useParsedLayout(useDeferredValue(text));
  return (
    <Page
      className="page-wide"
      title="Layout preview"
      lead="Write a hall row by row and see it immediately. An operator creates halls from such a text."
    >
      <div className="layout-page">
        <div className="layout-text">
          <label htmlFor={id}>Layout</label>
          <textarea
            id={id}
            value={text}
            onChange={(event) => setText(event.target.value)}
            rows={22}
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            aria-describedby={`${id}-state`}
          />
          <details>
            <summary>How to write a layout</summary>
            <dl className="layout-lines">
              {syntaxEntries.map(([line, meaning]) => (
                <div key={line}>
                  <dt>
                    <code>{line}</code>
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </details>
        </div>
        <section aria-label="Preview" className="layout-preview">
          <div id={`${id}-state`} role="status">
            {parsed.problems.length > 0 ? (
              <ProblemList problems={parsed.problems} />
            ) : (
              <LayoutSummary layout={parsed.lastValid} />
            )}
          </div>
          {parsed.map && <HallDrawing map={parsed.map} />}
        </section>
      </div>
    </Page>
  );
}

/** Parses the text. As long as the text has problems, the map is that of the last valid layout. */
function useParsedLayout(text: string) {
  const { layout, problems } = useMemo(() => parseLayoutText(text), [text]);
  const [lastValid, setLastValid] = useState(layout);
  if (layout !== null && layout !== lastValid) setLastValid(layout);
  const map = useMemo(() => lastValid && buildHallMap(lastValid), [lastValid]);
  return { problems, lastValid, map };
}

function ProblemList({ problems }: { readonly problems: readonly LayoutTextProblem[] }) {
  return (
    <ul className="layout-problems notice notice-bad">
      {problems.map(({ line, message }) => (
        <li key={`${line} ${message}`}>
          <strong>Line {line}:</strong> {message}
        </li>
      ))}
    </ul>
  );
}

function LayoutSummary({ layout }: { readonly layout: LayoutBody | null }) {
  if (layout === null) return null;
  const byTier = countBy(layout.seats, ({ tier }) => tier);
  const byKind = countBy(layout.seats, ({ kind }) => kind).filter(([kind]) => kind !== 'standard');
  const list = [...byTier, ...byKind].map(([name, count]) => `${name} ${count.toLocaleString('en-GB')}`).join(', ');
  return (
    <p>
      <strong>{formatCount(layout.seats.length, 'seat')}</strong>: {list}
    </p>
  );
}

const countBy = <T,>(items: readonly T[], by: (item: T) => string): [string, number][] =>
  [...Map.groupBy(items, by)].map(([name, group]) => [name, group.length]);
