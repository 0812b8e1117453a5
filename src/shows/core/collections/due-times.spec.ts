import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DueTimes } from './due-times.js';

const endingBy = (holds: DueTimes<string>, now: number) => new Set(holds.endingBy(now));

it('finds a hold in the second in which it ends, and not in the second before', () => {
  const holds = new DueTimes<string>();
  holds.add('a', 5500);
  expect(endingBy(holds, 4999)).toEqual(new Set());
  expect(endingBy(holds, 5000)).toEqual(new Set(['a']));
});

it('finds every due hold and no hold of a later second, after any additions and removals', () => {
  const times = fc.integer({ min: 0, max: 20_000 });
  const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 15 }), times), { maxLength: 60 });
  fc.assert(
    fc.property(steps, times, (changes, now) => {
      const holds = new DueTimes<string>();
      const plain = new Map<string, number>();
      for (const [isAdding, hold, at] of changes) {
        const id = `hold-${hold}`;
        const before = plain.get(id);
        if (isAdding && before === undefined) {
          holds.add(id, at);
          plain.set(id, at);
        } else if (!isAdding) {
          holds.delete(id, before ?? at);
          plain.delete(id);
        }
      }
      const expected = [...plain].filter(([, at]) => Math.floor(at / 1000) <= Math.floor(now / 1000));
      expect(endingBy(holds, now)).toEqual(new Set(expected.map(([id]) => id)));
    }),
  );
});
