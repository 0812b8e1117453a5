// Load generator of `floods.mjs`. Sends the requests of one attack at a steady rate over raw connections, because an HTTP
// client would use more time of the shared cores than the attack may cost. Sends the counts of the answers to its parent.
import { connect } from 'node:net';
import { createAttacks } from './flood-attacks.mjs';

const { port, name, seconds, address, target } = JSON.parse(process.argv[2]);
const { rate, request } = createAttacks(target).find((attack) => attack.name === name);

const connectionCount = 32;
/** The service ends connections with more unanswered requests. */
const unansweredMax = 50;
const statuses = {};
let [sent, unsent] = [0, 0];

const open = () => {
  const connection = { unanswered: 0, socket: connect(port, '127.0.0.1') };
  connection.socket.setNoDelay(true);
  connection.socket.on('data', (bytes) => {
    for (const [, status] of bytes.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
      statuses[status] = (statuses[status] ?? 0) + 1;
      connection.unanswered--;
    }
  });
  connection.socket.on('error', () => undefined);
  return connection;
};
const connections = Array.from({ length: connectionCount }, open);

const began = performance.now();
const timer = setInterval(() => {
  const elapsed = (performance.now() - began) / 1000;
  for (const due = Math.min(elapsed, seconds) * rate; sent + unsent < due;) sendNext();
  if (elapsed < seconds) return;
  clearInterval(timer);
  const cpu = process.cpuUsage();
  process.send({ sent, unsent, statuses, cpuShare: (cpu.user + cpu.system) / 1e6 / elapsed }, () => process.exit(0));
}, 4);

function sendNext() {
  const n = sent + unsent;
  const index = n % connectionCount;
  if (connections[index].socket.destroyed) connections[index] = open();
  const connection = connections[index];
  if (connection.unanswered >= unansweredMax) {
    unsent++;
    return;
  }
  connection.unanswered++;
  sent++;
  connection.socket.write(toText(request(n)));
}

function toText({ method, path, headers, body = '' }) {
  const all = {
    host: `127.0.0.1:${port}`,
    'accept-encoding': 'gzip, br',
    'x-forwarded-for': address,
    ...headers,
    ...(method === 'POST' && { 'content-length': Buffer.byteLength(body) }),
  };
  const lines = Object.entries(all).map(([key, value]) => `${key}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
