// Load generator with sockets that reserve one pair of seats after the other. It implements the Socket.IO protocol
// itself, because a client library would use more time of the shared cores than the service under test.
import WebSocket from 'ws';
import { percentile } from './support.mjs';

const { port, showId, firstSeat = 0, seatCount, sockets, seconds } = JSON.parse(process.argv[2]);
const address = `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`;
const latencies = [];
let seat = firstSeat;
let running = true;

const buyers = await Promise.all(Array.from({ length: sockets }, connect));
const began = performance.now();
for (const buyer of buyers) buyer.reserve();
setTimeout(() => {
  running = false;
  const rate = latencies.length / ((performance.now() - began) / 1000);
  process.send({ rate, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) }, () => process.exit(0));
}, seconds * 1000);

function connect() {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, { perMessageDeflate: false });
    let sentAt = 0;
    const reserve = () => {
      if (!running || seat + 2 > seatCount) return;
      sentAt = performance.now();
      socket.send(`420["reservation:create",{"showId":${showId},"seats":[${seat},${seat + 1}]}]`);
      seat += 2;
    };
    socket.on('error', reject);
    socket.on('message', (data) => {
      const text = data.toString();
      if (text.startsWith('0')) socket.send('40');
      else if (text === '2') socket.send('3');
      else if (text.startsWith('40')) resolve({ reserve });
      else if (text.startsWith('43')) {
        if (!text.includes('"ok":true')) throw new Error(text);
        latencies.push(performance.now() - sentAt);
        reserve();
      }
    });
  });
}
