// Many viewers of one show, who come back by themselves when they lose their connection: after a pause that is in part
// chance, as every Socket.IO client and the SDK do it. Speaks Socket.IO's protocol by hand: so many clients of a library
// would take more of the machine than the service. Says on standard output how many see the show, and since when.
import WebSocket from 'ws';

const { urls, showId, count, atOnce } = JSON.parse(process.argv[2]);

/** The pauses of the SDK: from the first to the longest, half as much more or less by chance. */
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
    let sees = false;
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
          sees = true;
          seeing++;
          lateMs.push(performance.now() - this.lostAt);
          this.attempt = 0;
          this.joined?.();
        }
      }
    });
    socket.on('error', () => undefined); // the close follows
    socket.on('close', () => {
      if (sees) {
        seeing--;
        this.lostAt = performance.now();
      }
      setTimeout(() => this.connect(), pauseMs(this.attempt++));
    });
  }
}

/** Says what there is to say, in one line. */
function say() {
  const sorted = lateMs.toSorted((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  process.stdout.write(`${JSON.stringify({ seeing, p50: at(0.5), p99: at(0.99), max: at(1) })}\n`);
}

// So many at once at first: how they come back is what is measured, not how they come.
let begun = 0;
const begin = () => {
  if (begun === count) return;
  begun++;
  const viewer = new Viewer();
  viewer.joined = () => {
    viewer.joined = undefined;
    begin();
  };
  viewer.connect();
};
for (let index = 0; index < atOnce; index++) begin();

setInterval(say, 100);
process.on('SIGUSR2', () => lateMs.splice(0));
