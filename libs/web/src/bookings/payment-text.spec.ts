import { expect, it } from '@jest/globals';
import type { Booking, PaymentStatus } from '@usher/contract';
import { describePayment } from './payment-text.js';

const uuid = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071';
const facts = {
  bookingId: uuid,
  showId: 1,
  sessionId: uuid,
  seats: [],
  total: { amount: 1250, currency: 'EUR' },
  createdAt: '2026-11-27T08:00:00.000Z',
  substituted: false,
  version: 1,
};
const expiresAt = '2026-11-27T08:05:00.000Z';
const payment = (status: PaymentStatus) => ({ payment: { paymentId: uuid, status, provider: 'sandbox' } });
const titleOf = (booking: Booking) => describePayment(booking)?.title;

it('says nothing of a hold that nobody has begun to pay', () => {
  expect(describePayment({ ...facts, status: 'reserved', expiresAt })).toBeNull();
});

it('tells a payment that is awaited from one that was declined, and that nothing was taken', () => {
  expect(titleOf({ ...facts, status: 'reserved', expiresAt, ...payment('pending') })).toBe('Waiting for your payment');
  const declined = describePayment({ ...facts, status: 'reserved', expiresAt, ...payment('declined') });
  expect(declined).toMatchObject({ tone: 'bad', title: 'The payment was declined' });
  expect(declined?.text).toContain('No money was taken');
});

it('tells seats that were chosen from seats like them', () => {
  const booked = { ...facts, status: 'booked', expiresAt: null, ...payment('succeeded') } as const;
  expect(titleOf(booked)).toBe('Paid');
  expect(titleOf({ ...booked, substituted: true })).toBe('Paid, with other seats');
});

it('says of a payment that came too late whether the money is on its way or there', () => {
  const late = (status: PaymentStatus): Booking => ({ ...facts, status: 'expired', expiresAt, ...payment(status) });
  expect(describePayment(late('pending'))?.text).toContain('still on its way');
  expect(describePayment(late('refunding'))?.text).toContain('on its way back');
  expect(describePayment(late('refunded'))?.text).toContain('was paid back');
  expect(describePayment(late('declined'))?.text).toContain('Nothing was paid');
});
