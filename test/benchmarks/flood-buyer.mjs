import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';

let nextSeat = 0;

/**
 * Opens a socket that reserves one seat after the other at a steady rate, whether or not earlier reservations are
 * answered. Returns the latencies in ms, each from the time at which the reservation was due.
 */
export async function reserveAtRate({ port, showId, address, rate, seconds }) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
    headers: { 'x-forwarded-for': address },
  });
  const due = new Map();
  const latencies = [];
  let [errors, connected] = [0, () => undefined];
  const isConnected = new Promise((resolve) => (connected = resolve));
  socket.on('message', (data) => {
    const text = data.toString();
    if (text.startsWith('0')) socket.send('40');
    else if (text === '2') socket.send('3');
    else if (text.startsWith('40')) connected();
    else if (text.startsWith('43')) {
      const id = Number(/^43(\d+)/.exec(text)[1]);
      if (!text.includes('"ok":true')) errors++;
      latencies.push(performance.now() - due.get(id));
    }
  });
  await isConnected;
  const began = performance.now();
  for (let n = 0; n < rate * seconds; n++) {
    const at = began + (n * 1000) / rate;
    await delay(Math.max(0, at - performance.now()));
    due.set(n, at);
    socket.send(`42${n}["reservation:create",{"showId":${showId},"seats":[${nextSeat++}]}]`);
  }
  // Unanswered reservations count with the time that they have waited until now.
  const deadline = performance.now() + 5000;
  while (latencies.length < rate * seconds && performance.now() < deadline) await delay(20);
  const unanswered = rate * seconds - latencies.length;
  for (let n = 0; n < unanswered; n++) latencies.push(performance.now() - deadline + 5000);
  socket.close();
  await once(socket, 'close');
  return { latencies, errors: errors + unanswered };
}
