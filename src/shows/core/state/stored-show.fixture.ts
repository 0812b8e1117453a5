import { emptyLine } from '../line/line.js';
import type { StoredShow } from './stored-show.js';

/** What the tables store about a show without commits. */
export const untouched: StoredShow = {
  seq: 0,
  commitId: 0,
  version: 0,
  liveBookings: [],
  blocked: [],
  keys: [],
  calledOff: false,
  settled: [],
  lines: { seats: emptyLine, entry: emptyLine },
  stays: [],
  admissions: [],
};
