// The capacity model. It reads the measured figures from docs/benchmarks.md. All other figures are assumptions, which
// this file lists. It prints the resulting tables and writes them into capacity.md, between the two marker comments.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { readFigure } from '../docs/tables.mjs';

const page = readFileSync(join(import.meta.dirname, '../docs/benchmarks.md'), 'utf8');

const readVisit = (request, column) => readFigure(page, 'What a visit costs a node', { request }, column);
const readJoins = (row, column) => readFigure(page, 'Joins', row, column);
const readMemory = (item) => readFigure(page, 'Memory', { item }, 'KiB');
const readLongLine = (step) => readFigure(page, 'A line of 100,000', { step }, 'ms');

const figures = {
  filmsMs: [readVisit('the films of a city', 'CPU ms'), 'ms of CPU time for one request of the films in a city'],
  showMs: [readVisit('a show', 'CPU ms'), 'ms of CPU time for one request of a show'],
  visitMs: [
    readVisit('a socket that connects, joins the show and leaves', 'CPU ms'),
    'ms of CPU time for a socket that connects, joins a show and leaves',
  ],
  filmsBytes: [readVisit('the films of a city', 'bytes'), 'bytes of an answer with the films in a city'],
  showBytes: [readVisit('a show', 'bytes'), 'bytes of an answer with a show'],
  sendUs: [
    readFigure(page, 'Moves', { way: 'one message for all (`queue:moved`)' }, 'µs of CPU per socket'),
    'µs of CPU time for one message to one socket',
  ],
  socketKib: [readMemory('a socket that waits in line'), 'KiB of memory for a socket that waits in a line'],
  waiterKib: [
    readMemory('a waiter in the lane'),
    'KiB of memory for a place in a line, on each node that knows the line',
  ],
  joinsPerSecond: [
    readJoins({ way: 'service level', callers: '512' }, 'lane joins per second'),
    'joins of one line per second',
  ],
  drawMs: [
    readLongLine('drawing the places of the lobby, on each node'),
    'ms for the shuffle of a lobby of 100,000, on each node',
  ],
  lockMs: [readLongLine('shuffle of the lobby, time under the lock'), 'ms of this shuffle under the lock'],
  openSeconds: [
    readLongLine('opening the line from its tables') / 1000,
    's for reading a line of 100,000 from its tables',
  ],
  commitsPerSecond: [
    readFigure(page, 'Reservations in the service', { callers: '64', path: 'SERIALIZABLE' }, 'per second'),
    'transactions per second of 64 clients, PostgreSQL on 2 cores (the baseline, in which commits share no lock)',
  ],
};

const assumptions = {
  views: [30e9, 'page views per month'],
  tickets: [10e6, 'tickets per month'],
  peak: [5, 'ratio of page views in the busiest hour to the mean'],
  reads: [2, 'catalog reads per page view'],
  cached: [0.9, 'of the catalog reads are answered by browsers and a CDN, as Cache-Control allows'],
  maps: [0.2, 'of the page views open a seat map'],
  staySeconds: [90, 'seconds for which a seat map stays open'],
  messages: [0.5, 'messages per second to a viewer of an ordinary show, including `show:version`'],
  hotViewers: [200_000, 'viewers of the hottest sale, each with 20 messages per second (TICK_MS 50)'],
  messageBytes: [120, 'bytes of a message on the wire'],
  seatsBooked: [2.5, 'tickets per booking'],
  commits: [7, 'commits per booking: hold, payment, tickets, and two holds that expire'],
  salePeak: [100, 'ratio of commits in the busiest second to the mean'],
  busy: [0.6, 'of a node’s event loop may be busy'],
  sockets: [10_000, 'sockets per node (the autoscaler’s target)'],
  lineSockets: [50_000, 'sockets per node if they only wait in a line'],
  databaseBusy: [0.5, 'of PostgreSQL’s maximum rate of transactions is used'],
  redisMessages: [100_000, 'messages per second of one Redis'],
  ticketKib: [2, 'KiB of rows and log per ticket'],
  coreDollars: [30, 'dollars per month for a core'],
  gibDollars: [4, 'dollars per month for a GiB of memory'],
  egressDollars: [0.03, 'dollars for a GB that is sent'],
  autoscaled: [0.45, 'of the nodes at the peak run on average'],
};

const value = ([number]) => number;
const f = Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, value(figure)]));
const a = Object.fromEntries(Object.entries(assumptions).map(([name, one]) => [name, value(one)]));

const secondsOfMonth = 30 * 86_400;
const groups = (number) => Math.round(number).toLocaleString('en-US');
const text = (number) =>
  number >= 100 || Number.isInteger(number) ? groups(number) : String(Number(number.toPrecision(3)));
const formatTable = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Computes the load at the peak of a month, and the servers and the cost that result from it. */
function computeMonth() {
  const perSecond = (a.views / secondsOfMonth) * a.peak;
  const sockets = perSecond * a.maps * a.staySeconds;
  const readsPerSecond = perSecond * a.reads * (1 - a.cached);
  const cores = [
    ['catalog reads that no cache answers', readsPerSecond, (f.filmsMs + f.showMs) / 2 / 1000],
    ['sockets that connect and disconnect', perSecond * a.maps, f.visitMs / 1000],
    ['messages of ordinary shows', sockets * a.messages, f.sendUs / 1e6],
    ['messages of the hottest sale', a.hotViewers * 20, f.sendUs / 1e6],
  ];
  const allCores = cores.reduce((sum, [, rate, seconds]) => sum + rate * seconds, 0);
  const allSockets = sockets + a.hotViewers;
  const nodes = Math.ceil(Math.max(allCores / a.busy, allSockets / a.sockets));
  const commits = (a.tickets / a.seatsBooked) * a.commits;
  const commitsPerSecond = (commits / secondsOfMonth) * a.salePeak;
  const hotCommits = 20 * Math.ceil(a.hotViewers / a.sockets);
  const sent =
    a.views *
    (a.reads * (1 - a.cached) * ((f.filmsBytes + f.showBytes) / 2) +
      a.maps * a.staySeconds * a.messages * a.messageBytes);
  const peakBits =
    (readsPerSecond * ((f.filmsBytes + f.showBytes) / 2) +
      (sockets * a.messages + a.hotViewers * 20) * a.messageBytes) *
    8;
  const shards = Math.ceil(commitsPerSecond / (f.commitsPerSecond * a.databaseBusy));
  const redis = Math.ceil((commitsPerSecond * 3 + hotCommits) / a.redisMessages);
  const dollars = {
    nodes: nodes * a.autoscaled * (1.5 * a.coreDollars + 1.5 * a.gibDollars),
    database: shards * 2 * (8 * a.coreDollars + 64 * a.gibDollars),
    redis: redis * 3 * (2 * a.coreDollars + 4 * a.gibDollars),
    sent: (sent / 1e9) * a.egressDollars,
  };
  return {
    perSecond,
    sockets: allSockets,
    cores,
    allCores,
    nodes,
    commits,
    commitsPerSecond,
    hotCommits,
    sent,
    peakBits,
    shards,
    redis,
    dollars,
  };
}

/** Computes the row for a line with `waiting` people. It scales the figures for 100,000 people linearly. */
function computeLineRow(waiting) {
  const times = waiting / 100_000;
  return [
    groups(waiting),
    text(waiting / f.joinsPerSecond / 60),
    text((waiting * f.waiterKib) / 2 ** 20),
    text((f.drawMs * times) / 1000),
    text(f.lockMs * times),
    text(f.openSeconds * times),
    groups(Math.ceil(waiting / a.lineSockets)),
    text((waiting * a.messageBytes * 8) / 2 / 1e9),
  ];
}

function formatTables() {
  const m = computeMonth();
  const total = Object.values(m.dollars).reduce((sum, one) => sum + one);
  const tickMs = (a.lineSockets * f.sendUs) / 1000;
  return [
    '### Measured figures (docs/benchmarks.md)',
    formatTable(
      ['figure', 'meaning'],
      Object.values(figures).map(([number, what]) => [text(number), what]),
    ),
    '### Assumptions',
    formatTable(
      ['value', 'meaning'],
      Object.values(assumptions).map(([number, what]) => [text(number), what]),
    ),
    '### A month at its peak',
    formatTable(
      ['load', 'per second', 'cores'],
      [
        ...m.cores.map(([what, rate, seconds]) => [what, text(rate), text(rate * seconds)]),
        [
          `all, with ${text(m.sockets)} open sockets and ${text(m.perSecond)} page views per second`,
          '',
          text(m.allCores),
        ],
      ],
    ),
    formatTable(
      ['resource', 'amount', 'reason'],
      [
        ['nodes', text(m.nodes), m.allCores / a.busy > m.sockets / a.sockets ? 'cores' : 'sockets'],
        ['commits per second', text(m.commitsPerSecond), `${text(m.commits)} per month`],
        ['PostgreSQL shards, each with a synchronous standby', text(m.shards), 'commits that share no lock'],
        [
          'Redis shards, three servers each',
          text(m.redis),
          `${text(m.commitsPerSecond * 3 + m.hotCommits)} messages per second`,
        ],
        [
          'traffic',
          `${text(m.peakBits / 1e9)} Gbit/s`,
          `${text(m.sent / 1e12)} TB per month, without pages and pictures, which a CDN serves`,
        ],
        ['storage', `${text((a.tickets * a.ticketKib) / 2 ** 20)} GiB per month`, ''],
        [
          'cost',
          `$${text(total)} per month`,
          `nodes ${text(m.dollars.nodes)}, PostgreSQL ${text(m.dollars.database)}, Redis ${text(m.dollars.redis)}, traffic ${text(m.dollars.sent)}`,
        ],
      ],
    ),
    '### One line',
    formatTable(
      ['waiting', 'min to join', 'GiB per node', 's to shuffle', 'ms under the lock', 's to read', 'nodes', 'Gbit/s'],
      [computeLineRow(100_000), computeLineRow(1e6), computeLineRow(13e6)],
    ),
    `The first row is measured, except its last two columns. The other rows are the first row times 10 and times 130. \`nodes\` counts only sockets, at ${text(a.lineSockets)} sockets per node (${text((a.lineSockets * f.socketKib) / 2 ** 20)} GiB). When the line moves, such a node needs ${text(tickMs)} ms to send the messages. So \`TICK_MS\` is 2000 there, and \`Gbit/s\` is the traffic of one message every 2 s.`,
  ].join('\n\n');
}

const file = join(import.meta.dirname, 'capacity.md');
const [begin, end] = ['<!-- begin: npm run capacity -->', '<!-- end -->'];
const before = readFileSync(file, 'utf8');
const [head, rest] = before.split(begin);
const filled = `${head}${begin}\n\n${formatTables()}\n\n${end}${rest.split(end)[1]}`;
const after = await format(filled, { ...(await resolveConfig(file)), filepath: file });
if (!process.argv.includes('--check')) {
  process.stdout.write(`${formatTables()}\n`);
  writeFileSync(file, after);
} else if (after === before) {
  process.stdout.write('capacity.md is up to date\n');
} else {
  process.stderr.write('deploy/capacity.md is out of date; run npm run capacity\n');
  process.exitCode = 1;
}
