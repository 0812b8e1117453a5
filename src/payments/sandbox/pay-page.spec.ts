import { expect, it } from '@jest/globals';
import { currencyDigits, saleCurrencies } from '@usher/contract';
import { payPage, phonePage } from './pay-page.js';
import type { SandboxPaymentRow } from './sandbox-books.js';

const paymentIn = (currency: string): SandboxPaymentRow => ({
  showId: 1,
  paymentId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071',
  reference: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6072',
  amount: 123_456_789,
  currency,
  method: 'card',
  description: 'A film: A1',
  returnUrl: null,
  redirectUrl: 'https://tickets.example/sandbox/pay/1',
  status: 'pending',
  isOver: false,
  silentMs: 0,
  isReportedPending: false,
});

const digitsIn = (page: string): number => {
  const price = /<h1>([^<]*)<\/h1>/.exec(page)?.[1] ?? '';
  return /\.(\d+)$/.exec(price)?.[1]?.length ?? 0;
};

it('both pay pages show amounts of each currency with as many decimals as ISO 4217 defines', async () => {
  const shown = await Promise.all(
    saleCurrencies.map(async (code) => {
      const payment = paymentIn(code);
      return [code, digitsIn(await payPage(payment, null)), digitsIn(phonePage(payment, null))];
    }),
  );
  expect(shown).toEqual(saleCurrencies.map((code) => [code, currencyDigits(code), currencyDigits(code)]));
});
