import type { Ticket } from '@usher/contract';
import type { Config } from '../../config/config.js';
import { AppleWallet } from './apple-wallet.js';
import { GoogleWallet } from './google-wallet.js';

/** Nest's token for the {@link Wallets}. */
export const WALLETS = Symbol('Wallets');

/** The wallets that there are keys for. */
export interface Wallets {
  readonly apple: AppleWallet | null;
  readonly google: GoogleWallet | null;
}

/** @throws StartError when keys are set and are no good */
export async function openWallets({ appleWallet, googleWallet }: Config): Promise<Wallets> {
  return {
    apple: appleWallet && (await AppleWallet.open(appleWallet)),
    google: googleWallet && (await GoogleWallet.open(googleWallet)),
  };
}

/** Where a ticket's passes are; nothing where there are none. */
export function walletLinks(
  { apple, google }: Wallets,
  { bookingId, ticketId, status }: Pick<Ticket, 'bookingId' | 'ticketId' | 'status'>,
): Pick<Ticket, 'wallets'> {
  if (!apple && !google) return {};
  const path = `/v1/bookings/${bookingId}/tickets/${ticketId}/wallet`;
  const isWorthIt = status !== 'refunded';
  return {
    wallets: {
      apple: apple?.isUsable() && isWorthIt ? `${path}/apple` : null,
      google: google && isWorthIt ? `${path}/google` : null,
    },
  };
}
