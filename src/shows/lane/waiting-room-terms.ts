import type { WaitingRoom as CatalogWaitingRoom } from '../../catalog/index.js';
import type { WaitingRoom } from '../core/model/show-terms.js';

/** Maximum duration of a stay in ms if the show does not set one. */
const shopMsDefault = 10 * 60 * 1000;

/** Converts a waiting room of the catalog to the form that the lane uses. Returns null if the waiting room is off. */
export function toWaitingRoom({
  mode,
  maxShoppers,
  admitPerMinute,
  shopSeconds,
}: CatalogWaitingRoom): WaitingRoom | null {
  if (mode === 'off') return null;
  return { mode, maxShoppers, admitPerMinute, shopMs: shopSeconds === null ? shopMsDefault : shopSeconds * 1000 };
}
