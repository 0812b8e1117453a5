import type { WaitingRoom as CatalogWaitingRoom } from '../../catalog/index.js';
import type { WaitingRoom } from '../core/model/show-terms.js';

/** How long a stay may last where the show does not say. */
const shopMsDefault = 10 * 60 * 1000;

/** A waiting room as the lane has it; null: none. */
export function toWaitingRoom({
  mode,
  maxShoppers,
  admitPerMinute,
  shopSeconds,
}: CatalogWaitingRoom): WaitingRoom | null {
  if (mode === 'off') return null;
  return { mode, maxShoppers, admitPerMinute, shopMs: shopSeconds === null ? shopMsDefault : shopSeconds * 1000 };
}
