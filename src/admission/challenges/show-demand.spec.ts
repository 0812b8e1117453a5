import { describe, expect, it } from '@jest/globals';
import { ShowDemand } from './show-demand.js';

const countTimes = (demand: ShowDemand<object>, show: object, times: number, now: number): number => {
  let perSecond = 0;
  for (let call = 0; call < times; call++) perSecond = demand.count(show, now);
  return perSecond;
};

describe('the demand for a show', () => {
  it('is the number of calls in the last ten seconds, per second', () => {
    const demand = new ShowDemand<object>();
    const [show, other] = [{}, {}];
    expect(countTimes(demand, show, 100, 5_000)).toBe(10);
    expect(demand.count(other, 5_000)).toBe(0.1);
    expect(countTimes(demand, show, 50, 9_000)).toBe(15);
  });

  it('falls when the calls stop', () => {
    const demand = new ShowDemand<object>();
    const show = {};
    countTimes(demand, show, 100, 0);
    expect(demand.count(show, 10_000)).toBeCloseTo(10.1);
    expect(demand.count(show, 15_000)).toBeCloseTo(5.2);
    expect(demand.count(show, 40_000)).toBeCloseTo(0.1);
  });
});
