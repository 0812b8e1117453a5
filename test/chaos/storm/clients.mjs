// Runs many viewers of one show. A viewer that loses its connection reconnects after a partly random pause, as the SDK
// does. The viewers speak the Socket.IO protocol without a library, because so many library clients would need more CPU
// than the service. The program regularly prints how many viewers have a map, and quantiles of how long they waited for
// it.
import WebSocket from 'ws';

const { urls, showId, count, atOnce } = JSON.parse(process.argv[2]);

/**
 * Returns the pause before an attempt, as in the SDK: it grows from 250 ms to 1,250 ms and is then changed at random by
 * up to half of itself.
 */
const pauseMs = (attempt) => Math.min(1250, 250 * 2 ** attempt) * (0.5 + Math.random());

const lateMs = [];
let seeing = 0;
let next = 0;

class Viewer {
  attempt = 0;
  lostAt = performance.now();

  connect() {
    const url = urls[next++ % urls.length].replace('http', 'ws');
    const socket = new WebSocket(`${url}/socket.io/?EIO=4&transport=websocket&showId=${showId}`, {
      perMessageDeflate: false,
      handshakeTimeout: 8000,
    });
    let hasMap = false;
    const join = () => socket.send(`420["show:join",{"showId":${showId}}]`);
    socket.on('message', (data) => {
      const text = data.toString();
      if (text.startsWith('0')) socket.send('40');
      else if (text === '2') socket.send('3');
      else if (text.startsWith('40')) join();
      else if (text.startsWith('430')) {
        const [answer] = JSON.parse(text.slice(3));
        if (!answer.ok) setTimeout(join, answer.error.retryAfterMs * (1 + Math.random() / 2));
        else {
          hasMap = true;
          seeing++;
          lateMs.push(performance.now() - this.lostAt);
          this.attempt = 0;
          this.joined?.();
        }
      }
    });
    socket.on('error', () => undefined); // a `close` event follows
    socket.on('close', () => {
      if (hasMap) {
        seeing--;
        this.lostAt = performance.now();
      }
      setTimeout(() => this.connect(), pauseMs(this.attempt++));
    });
  }
}

/** Prints the current numbers as one line of JSON. */
function printStatus() {
  const sorted = lateMs.toSorted((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  process.stdout.write(`${JSON.stringify({ seeing, p50: at(0.5), p99: at(0.99), max: at(1) })}\n`);
}

// At the start, only `atOnce` viewers connect at the same time. The test measures how viewers come back, not how they
// arrive.
let startedCount = 0;
const startNext = () => {
  if (startedCount === count) return;
  startedCount++;
  const viewer = new Viewer();
  viewer.joined = () => {
    viewer.joined = undefined;
    startNext();
  };
  viewer.connect();
};
for (let index = 0; index < atOnce; index++) startNext();

setInterval(printStatus, 100);
process.on('SIGUSR2', () => lateMs.splice(0));
