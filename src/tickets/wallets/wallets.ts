import type { Ticket } from '@usher/contract';
import type { Config } from '../../config/config.js';
import { AppleWallet } from './apple-wallet.js';
import { GoogleWallet } from './google-wallet.js';

/** Injection token of the {@link Wallets}. */
export const WALLETS = Symbol('Wallets');

/** The wallets for which the operator configured keys. The other wallets are null. */
export interface Wallets {
  readonly apple: AppleWallet | null;
  readonly google: GoogleWallet | null;
}

/** Opens the configured wallets. @throws StartError if the keys of a configured wallet cannot be used */
export async function openWallets({ appleWallet, googleWallet }: Config): Promise<Wallets> {
  return {
    apple: appleWallet && (await AppleWallet.open(appleWallet)),
    google: googleWallet && (await GoogleWallet.open(googleWallet)),
  };
}

/** Returns the paths of a ticket's wallet passes, or an empty object if no wallet is configured. */
export function createWalletLinks(
  { apple, google }: Wallets,
  { bookingId, ticketId, status }: Pick<Ticket, 'bookingId' | 'ticketId' | 'status'>,
): Pick<Ticket, 'wallets'> {
  if (!apple && !google) return {};
  const path = `/v1/bookings/${bookingId}/tickets/${ticketId}/wallet`;
  const isRefunded = status === 'refunded';
  return {
    wallets: {
      apple: apple?.isUsable() && !isRefunded ? `${path}/apple` : null,
      google: google && !isRefunded ? `${path}/google` : null,
    },
  };
}
