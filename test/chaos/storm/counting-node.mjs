// Starts the built service. Regularly prints to standard output how often the service answered with a map and how often
// it encoded a map.
import { ShowLane } from '../../../dist/shows/lane/show-lane.js';

const { snapshot } = ShowLane.prototype;
const encoded = new Set();
let answered = 0;
ShowLane.prototype.snapshot = function () {
  const map = snapshot.call(this);
  answered++;
  encoded.add(map); // the service returns the same object until it encodes the map again
  return map;
};
setInterval(() => process.stdout.write(`maps ${answered} encoded ${encoded.size}\n`), 200).unref();

await import('../../../dist/main.js');
