import { formatMoney } from '@usher/contract';
import escapeHtml from 'escape-html';
import QRCode from 'qrcode';
import { pageFrame } from './page-frame.js';
import type { SandboxPaymentRow } from './sandbox-books.js';
import type { SandboxResult } from './sandbox-wire.js';

/** The result of the last attempt to pay, with the card number that the buyer entered. */
export type PageResult = SandboxResult & { readonly card: string };

/** Returns the content of a payment's QR code: the URL of the page on which another device can pay. */
export const phoneUrl = (redirectUrl: string): string => `${redirectUrl}/phone`;

/** Renders the pay page. The buyer pays by card here, or scans a QR code to pay on another device. */
export async function payPage(payment: SandboxPaymentRow, result: PageResult | null): Promise<string> {
  const isDone = isSettled(payment, result);
  const ways = payment.method === 'card' ? [cardForm(result), await codeToScan(payment)] : [await codeToScan(payment)];
  const main = [
    head(payment),
    renderMessage(payment, result),
    ...(isDone ? [] : ways),
    renderReturnLink(payment, isDone),
  ].join('\n');
  const stateUrl = `${new URL(payment.redirectUrl).pathname}/state`;
  return pageFrame(`Pay ${formatMoney(payment, 'en')}`, main, isDone ? null : { stateUrl, nextUrl: payment.returnUrl });
}

/**
 * Renders the page behind the QR code. It has no link back to the seats, because the device that scanned the code has
 * no session.
 */
export function phonePage(payment: SandboxPaymentRow, result: PageResult | null): string {
  const form = isSettled(payment, result)
    ? '<p>You can close this page. The page with the code continues by itself.</p>'
    : consentForm;
  return pageFrame(
    `Pay ${formatMoney(payment, 'en')}`,
    [head(payment), renderMessage(payment, result), form].join('\n'),
    null,
  );
}

const isSettled = ({ status, isOver }: SandboxPaymentRow, result: PageResult | null): boolean =>
  status === 'succeeded' || result?.status === 'succeeded' || isOver;

const head = (payment: SandboxPaymentRow): string =>
  `<h1>${escapeHtml(formatMoney(payment, 'en'))}</h1>\n<p>${escapeHtml(payment.description)}</p>`;

function renderMessage({ status, isOver }: SandboxPaymentRow, result: PageResult | null): string {
  const over = isOver ? 'The time for this payment is over.' : null;
  const message = result?.message ?? (status === 'succeeded' ? 'This has been paid.' : over);
  if (message === null) return '';
  const isBad = result?.status === 'declined' || isOver;
  return `<p class="message${isBad ? ' bad' : ''}" role="${isBad ? 'alert' : 'status'}">${escapeHtml(message)}</p>`;
}

function renderReturnLink({ returnUrl }: SandboxPaymentRow, isDone: boolean): string {
  if (returnUrl === null) return isDone ? '<p>You may close this page.</p>' : '';
  return `<p><a href="${escapeHtml(returnUrl)}">${isDone ? 'Back to your seats' : 'Back without paying'}</a></p>`;
}

const consentForm = `<form method="post">
  <button name="consent" value="yes">Pay now</button>
  <button class="no" name="consent" value="no">Do not pay</button>
</form>`;

function cardForm(result: PageResult | null): string {
  const isCodeAsked = result?.status === 'codeRequired';
  const code = `<label>Code
    <input name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus />
  </label>`;
  return `<form method="post">
  <label>Card number
    <input name="card" inputmode="numeric" autocomplete="cc-number" required value="${escapeHtml(result?.card ?? '')}" />
  </label>
  ${isCodeAsked ? code : ''}
  <button>Pay</button>
</form>
<details open>
  <summary>Cards of the sandbox</summary>
  <dl>
    <dt>4242 4242 4242 4242</dt><dd>succeeds</dd>
    <dt>4000 0000 0000 0002</dt><dd>is declined</dd>
    <dt>4000 0000 0000 3220</dt><dd>asks for the code 123456</dd>
    <dt>4000 0000 0000 0077</dt><dd>succeeds, but the provider reports it late</dd>
  </dl>
</details>`;
}

async function codeToScan({ method, redirectUrl }: SandboxPaymentRow): Promise<string> {
  const url = phoneUrl(redirectUrl);
  const svg = await QRCode.toString(url, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 });
  const picture = svg.replace('<svg ', '<svg role="img" aria-label="Code to pay with another device" ');
  return `<section class="phone">
  <h2>${method === 'card' ? 'Or pay with your phone' : 'Pay with your phone'}</h2>
  <p>Scan this code. This page goes on by itself when it is paid.</p>
  ${picture}
  <p><a href="${escapeHtml(url)}" target="_blank" rel="noopener">Pay on this device instead (new tab)</a></p>
</section>`;
}
