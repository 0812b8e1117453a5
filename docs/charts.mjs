// Draws the charts of docs/benchmarks.md from the tables of that page, so that a picture and its table cannot differ.
//   npm run docs:charts              writes the charts to docs/public/benchmarks
//   npm run docs:charts -- --check   fails if a committed chart is out of date
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTable, toNumber } from './tables.mjs';

const page = readFileSync(join(import.meta.dirname, 'benchmarks.md'), 'utf8');
const folder = join(import.meta.dirname, 'public/benchmarks');

/** Groups the rows of a table by one column. A second column names the bars of a group, and a third has their values. */
const byRow = (heading, { group, bar, value }) =>
  readTable(page, heading).map((row) => ({ group: group(row), bar: row[bar], value: toNumber(row[value]) }));

/** Makes one group per row and one bar per column. */
const byColumn = (heading, { group, columns }) =>
  readTable(page, heading).flatMap((row) =>
    Object.entries(columns).map(([column, bar]) => ({ group: group(row), bar, value: toNumber(row[column]) })),
  );

const paths = ['lane', 'SERIALIZABLE'];
const callers = (row) => `${row.callers} ${row.callers === '1' ? 'caller' : 'callers'}`;
const sockets = (row) => `${row.sockets} sockets`;

/** The charts by file name. The axis of a chart is linear unless `isLogarithmic` is set. */
const charts = {
  'reservations-rate': {
    title: 'Reservations in the service, one hot show',
    axis: 'reservations per second (more is better)',
    bars: paths,
    data: byRow('Reservations in the service', { group: callers, bar: 'path', value: 'per second' }),
  },
  'reservations-p99': {
    title: 'Reservations in the service: 99 of 100 are faster than',
    axis: 'milliseconds, logarithmic (less is better)',
    isLogarithmic: true,
    bars: paths,
    data: byRow('Reservations in the service', { group: callers, bar: 'path', value: 'p99 ms' }),
  },
  'sockets-rate': {
    title: 'Reservations over sockets, end to end, one hot show',
    axis: 'reservations per second (more is better)',
    bars: paths,
    data: byRow('Reservations over sockets', { group: sockets, bar: 'path', value: 'per second' }),
  },
  'sockets-p99': {
    title: 'Reservations over sockets: 99 of 100 are faster than',
    axis: 'milliseconds, logarithmic (less is better)',
    isLogarithmic: true,
    bars: paths,
    data: byRow('Reservations over sockets', { group: sockets, bar: 'path', value: 'p99 ms' }),
  },
  'line-joins': {
    title: 'Joins of a waiting line',
    axis: 'joins per second (more is better)',
    bars: ['lane', 'one transaction per join'],
    data: byColumn('Joins', {
      group: (row) => `${row.way.split(',')[0].replace(' level', '')}, ${callers(row)}`,
      columns: {
        'lane joins per second': 'lane',
        'baseline joins per second': 'one transaction per join',
      },
    }),
  },
  nodes: {
    title: 'Nodes that share the same two cores',
    axis: 'reservations per second (more is better)',
    bars: ['one hot show', 'one show per node'],
    data: byRow('Several nodes', {
      group: (row) => `${row.nodes} ${row.nodes === '1' ? 'node' : 'nodes'}`,
      bar: 'shows',
      value: 'reservations per second',
    }),
  },
  search: {
    title: 'Queries of a catalog with 300,000 shows',
    axis: 'milliseconds, logarithmic (less is better)',
    isLogarithmic: true,
    bars: ['p50', 'p95', 'p99'],
    data: byColumn('Search in a national catalog', {
      group: (row) => row.query.replace(', sequential scans, one at a time', ' by scans'),
      columns: { 'p50 ms': 'p50', 'p95 ms': 'p95', 'p99 ms': 'p99' },
    }),
  },
  views: {
    title: 'CPU time of a node per request',
    axis: 'milliseconds of CPU time (less is better)',
    bars: ['CPU time'],
    data: byColumn('What a visit costs a node', {
      group: (row) => row.request.replace('a socket that connects, joins the show and leaves', 'a socket’s visit'),
      columns: { 'CPU ms': 'CPU time' },
    }),
  },
};

const size = { width: 720, height: 380 };
const plot = { left: 84, right: 700, top: 84, bottom: 316 };
const barWidthMax = 64;

/** Each chart has its own background, so it is readable on a page of any colour. */
const style = `
  .card { fill: #ffffff; stroke: #d0d7de; }
  text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif; fill: #1f2328; font-size: 13px; }
  .small { font-size: 11px; }
  .title { font-size: 16px; font-weight: 600; }
  .quiet { fill: #57606a; }
  .grid { stroke: #d8dee4; }
  .base { stroke: #57606a; }
  .bar0 { fill: #1f6feb; }
  .bar1 { fill: #9a6700; }
  .bar2 { fill: #6e7781; }
  @media (prefers-color-scheme: dark) {
    .card { fill: #161b22; stroke: #30363d; }
    text { fill: #e6edf3; }
    .quiet { fill: #a5adb7; }
    .grid { stroke: #30363d; }
    .base { stroke: #a5adb7; }
    .bar0 { fill: #58a6ff; }
    .bar1 { fill: #e3b341; }
    .bar2 { fill: #8b949e; }
  }
`;

const escapeXml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const at = (number) => String(Math.round(number * 100) / 100);
const formatValue = (number) => number.toLocaleString('en-US', { maximumFractionDigits: 3 });

/** Returns a function that converts a value to a position from 0 to 1, and the values (ticks) that get a grid line. */
function createScale(values, isLogarithmic) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (isLogarithmic) {
    const [from, to] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
    const ticks = Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
    return { ticks, position: (value) => (Math.log10(value) - from) / (to - from) };
  }
  const magnitude = 10 ** Math.floor(Math.log10(most / 4));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * magnitude).find((one) => most / one <= 5);
  const count = Math.ceil(most / step);
  const ticks = Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(6)));
  return { ticks, position: (value) => value / (count * step) };
}

function drawAxis({ ticks, position }, axis) {
  const lines = ticks.map((tick, index) => {
    const y = at(plot.bottom - position(tick) * (plot.bottom - plot.top));
    return [
      `<line class="${index === 0 ? 'base' : 'grid'}" x1="${plot.left}" x2="${plot.right}" y1="${y}" y2="${y}"/>`,
      `<text class="quiet" x="${plot.left - 8}" y="${y}" dy="4" text-anchor="end">${formatValue(tick)}</text>`,
    ].join('\n');
  });
  const middle = (plot.top + plot.bottom) / 2;
  lines.push(
    `<text class="quiet" text-anchor="middle" transform="translate(18 ${middle}) rotate(-90)">${escapeXml(axis)}</text>`,
  );
  return lines.join('\n');
}

function drawLegend(bars) {
  let x = plot.left;
  return bars
    .map((bar, index) => {
      const entry = `<rect class="bar${index}" x="${x}" y="48" width="12" height="12" rx="2"/>\n<text x="${x + 18}" y="59">${escapeXml(bar)}</text>`;
      x += 44 + bar.length * 7;
      return entry;
    })
    .join('\n');
}

function drawBars({ data, bars }, { position }) {
  const groups = [...new Set(data.map(({ group }) => group))];
  const groupWidth = (plot.right - plot.left) / groups.length;
  const slotWidth = Math.min(barWidthMax, (groupWidth * 0.9) / bars.length);
  return groups
    .map((group, groupIndex) => {
      const middle = plot.left + groupWidth * (groupIndex + 0.5);
      const values = bars.flatMap((bar, index) => {
        const value = data.find((one) => one.group === group && one.bar === bar)?.value ?? null;
        return value === null ? [] : { index, value };
      });
      const drawn = values.map(({ index, value }, place) => {
        const x = middle + (place - values.length / 2) * slotWidth;
        const height = position(value) * (plot.bottom - plot.top);
        const top = plot.bottom - height;
        return [
          `<rect class="bar${index}" x="${at(x + 2)}" y="${at(top)}" width="${at(slotWidth - 4)}" height="${at(height)}"/>`,
          `<text${slotWidth < 45 ? ' class="small"' : ''} x="${at(x + slotWidth / 2)}" y="${at(top - 6)}" text-anchor="middle">${formatValue(value)}</text>`,
        ].join('\n');
      });
      drawn.push(`<text x="${at(middle)}" y="${plot.bottom + 22}" text-anchor="middle">${escapeXml(group)}</text>`);
      return drawn.join('\n');
    })
    .join('\n');
}

function drawChart(chart) {
  const { title, axis, bars, data, isLogarithmic = false } = chart;
  const scale = createScale(
    data.flatMap(({ value }) => value ?? []),
    isLogarithmic,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${style}</style>`,
    `<rect class="card" x="0.5" y="0.5" width="${size.width - 1}" height="${size.height - 1}" rx="8"/>`,
    `<text class="title" x="${plot.left}" y="32">${escapeXml(title)}</text>`,
    drawLegend(bars),
    drawAxis(scale, axis),
    drawBars(chart, scale),
    `<text class="quiet" x="${plot.right}" y="${size.height - 14}" text-anchor="end">2 shared cores, Node 24, PostgreSQL 18, durable commits</text>`,
    '</svg>',
    '',
  ].join('\n');
}

const drawings = Object.entries(charts).map(([name, chart]) => [`${name}.svg`, drawChart(chart)]);
if (process.argv.includes('--check')) {
  const committed = readdirSync(folder);
  const names = drawings.map(([name]) => name);
  const stale = drawings.filter(
    ([name, svg]) => !committed.includes(name) || readFileSync(join(folder, name), 'utf8') !== svg,
  );
  const unknown = committed.filter((name) => !names.includes(name));
  const problems = [
    ...stale.map(([name]) => `${name} is out of date`),
    ...unknown.map((name) => `${name} has no chart`),
  ];
  if (problems.length > 0) {
    process.stderr.write(`${problems.join('\n')}\nrun npm run docs:charts\n`);
    process.exitCode = 1;
  }
} else {
  mkdirSync(folder, { recursive: true });
  for (const [name, svg] of drawings) writeFileSync(join(folder, name), svg);
}
