import { describe, expect, it } from '@jest/globals';
import { saleStatus } from './sale-status.js';

const show = { saleOpensAt: 1000, saleClosesAt: 2000, calledOff: false, free: 50, seatCount: 100 };

describe('saleStatus', () => {
  it('is open exactly from the opening to the closing of the sale', () => {
    expect(saleStatus(show, 999)).toBe('upcoming');
    expect(saleStatus(show, 1000)).toBe('open');
    expect(saleStatus(show, 1999)).toBe('open');
    expect(saleStatus(show, 2000)).toBe('closed');
    expect(saleStatus({ ...show, saleOpensAt: null }, 0)).toBe('open');
  });

  it('is few if fewer than a tenth of the seats are free, and full if none are free', () => {
    expect(saleStatus({ ...show, free: 10 }, 1500)).toBe('open');
    expect(saleStatus({ ...show, free: 9 }, 1500)).toBe('few');
    expect(saleStatus({ ...show, free: 0 }, 1500)).toBe('full');
  });

  it('is closed for every show that was called off', () => {
    expect(saleStatus({ ...show, calledOff: true }, 500)).toBe('closed');
    expect(saleStatus({ ...show, calledOff: true, free: 0 }, 1500)).toBe('closed');
  });
});
