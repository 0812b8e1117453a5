import { describe, expect, it } from '@jest/globals';
import { RiskSignalName } from '@usher/contract';
import fc from 'fast-check';
import { assess, type SignalReading, sourcePointsMax } from './assess.js';

const reading: fc.Arbitrary<SignalReading> = fc.record({
  signal: fc.constantFrom(...RiskSignalName.options),
  of: fc.constantFrom('session', 'source'),
  points: fc.double({ min: 0, max: 100, noNaN: true }),
  detail: fc.constant('observed'),
});

describe('a risk score', () => {
  it('is a whole number from 0 to 100, and is never lower with more evidence', () => {
    fc.assert(
      fc.property(fc.array(reading), reading, fc.nat(), (readings, extra, index) => {
        const { score } = assess(readings);
        expect(Number.isInteger(score) && score >= 0 && score <= 100).toBe(true);
        expect(assess([...readings, extra]).score).toBeGreaterThanOrEqual(score);
        const raised = readings.map((one, at) =>
          at === index % readings.length ? { ...one, points: one.points + extra.points } : one,
        );
        expect(assess(raised).score).toBeGreaterThanOrEqual(score);
      }),
    );
  });

  it('counts what the sessions of a source do together only up to a maximum', () => {
    const ofSource = { signal: 'sharedSource', of: 'source', points: 100, detail: '' } as const;
    expect(assess([ofSource]).score).toBe(sourcePointsMax);
  });

  it('names its reasons, the most important one first', () => {
    const session = { of: 'session', detail: 'd' } as const;
    const { score, reasons } = assess([
      { ...session, signal: 'velocity', points: 3.14 },
      { ...session, signal: 'holdAndDrop', points: 40 },
    ]);
    expect(score).toBe(43);
    expect(reasons.map(({ signal, points }) => [signal, points])).toEqual([
      ['holdAndDrop', 40],
      ['velocity', 3.1],
    ]);
  });
});
