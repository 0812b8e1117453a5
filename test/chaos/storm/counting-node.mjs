// The service as it is built, which says on standard output how often it answered with a map and how often it encoded one.
import { ShowLane } from '../../../dist/shows/lane/show-lane.js';

const { snapshot } = ShowLane.prototype;
const encoded = new Set();
let answered = 0;
ShowLane.prototype.snapshot = function () {
  const map = snapshot.call(this);
  answered++;
  encoded.add(map); // the same object as long as it is not encoded anew
  return map;
};
setInterval(() => process.stdout.write(`maps ${answered} encoded ${encoded.size}\n`), 200).unref();

await import('../../../dist/main.js');
