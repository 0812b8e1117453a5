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

it('says nothing about a hold without a payment', () => {
  expect(describePayment({ ...facts, status: 'reserved', expiresAt })).toBeNull();
});

it('distinguishes a pending payment from a declined one, and says that the declined payment was not charged', () => {
  expect(titleOf({ ...facts, status: 'reserved', expiresAt, ...payment('pending') })).toBe('Waiting for your payment');
  const declined = describePayment({ ...facts, status: 'reserved', expiresAt, ...payment('declined') });
  expect(declined).toMatchObject({ tone: 'bad', title: 'The payment was declined' });
  expect(declined?.text).toContain('You were not charged');
});

it('says whether the buyer got other seats instead of the chosen ones', () => {
  const booked = { ...facts, status: 'booked', expiresAt: null, ...payment('succeeded') } as const;
  expect(titleOf(booked)).toBe('Paid');
  expect(titleOf({ ...booked, substituted: true })).toBe('Paid, with other seats');
});

it('says whether the refund of a late payment is pending or paid', () => {
  const late = (status: PaymentStatus): Booking => ({ ...facts, status: 'expired', expiresAt, ...payment(status) });
  expect(describePayment(late('pending'))?.text).toContain('still pending');
  expect(describePayment(late('refunding'))?.text).toContain('on its way back');
  expect(describePayment(late('refunded'))?.text).toContain('was refunded');
  expect(describePayment(late('declined'))?.text).toContain('You were not charged');
});
