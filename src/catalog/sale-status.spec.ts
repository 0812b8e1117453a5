import { describe, expect, it } from '@jest/globals';
import { saleStatus } from './sale-status.js';

const show = { saleOpensAt: 1000, saleClosesAt: 2000, calledOff: false, free: 50, seatCount: 100 };

describe('saleStatus', () => {
  it('opens with the sale and closes with it, to the millisecond', () => {
    expect(saleStatus(show, 999)).toBe('upcoming');
    expect(saleStatus(show, 1000)).toBe('open');
    expect(saleStatus(show, 1999)).toBe('open');
    expect(saleStatus(show, 2000)).toBe('closed');
    expect(saleStatus({ ...show, saleOpensAt: null }, 0)).toBe('open');
  });

  it('says few under a tenth, and full at none', () => {
    expect(saleStatus({ ...show, free: 10 }, 1500)).toBe('open');
    expect(saleStatus({ ...show, free: 9 }, 1500)).toBe('few');
    expect(saleStatus({ ...show, free: 0 }, 1500)).toBe('full');
  });

  it('is closed once called off, whatever else holds', () => {
    expect(saleStatus({ ...show, calledOff: true }, 500)).toBe('closed');
    expect(saleStatus({ ...show, calledOff: true, free: 0 }, 1500)).toBe('closed');
  });
});
