import { z } from 'zod';
import type { KeyPlace } from './key-places.js';
import { allEndpoints, unknownUuid } from './raw-api.js';

/**
 * Endpoints whose handlers filter by the scope of the caller. Other tests of the folders `access` and `audit` check each of
 * them.
 */
const filtered = new Set([
  'checkIn',
  'createApiKey',
  'createWebhook',
  'deleteWebhook',
  'exportAuditEntries',
  'getMail',
  'handInCheckIns',
  'listApiKeys',
  'listAuditEntries',
  'listMails',
  'listRiskCases',
  'listWebhookDeliveries',
  'listWebhooks',
  'replayWebhooks',
  'revokeApiKey',
  'rotateApiKey',
]);

/** Endpoints that concern the whole service. */
const ofService = new Set([
  'changeCity',
  'changeMovie',
  'createCinema',
  'createCity',
  'createMovie',
  'revokeTicketKey',
  'rotateTicketKey',
]);

/** The endpoints that check the scope of a key or an operator before their handlers run. */
export const scopedEndpoints = allEndpoints.flatMap(([name, { path, role, acceptsBookingLink, needsSession }]) => {
  const isOfSession = needsSession && /\{(show|booking)Id\}/.test(path);
  return !filtered.has(name) && (role !== undefined || acceptsBookingLink || isOfSession) ? [name] : [];
});

/** Returns the statuses that an endpoint may answer within the scope of a caller whose scope is one cinema. */
export const allowedStatuses = (name: string): readonly number[] =>
  ofService.has(name) ? [403] : [200, 201, 204, 400, 404, 409];

const bodyFields = z.object({ shape: z.record(z.string(), z.unknown()) });

/** Returns a call of an endpoint that names the ids of one place wherever the endpoint has a field for them. */
export function scopedCall({ booking, ...placeIds }: KeyPlace, name: string) {
  const [, { method, path, query, body }] = allEndpoints.find(([known]) => known === name)!;
  const ids: Readonly<Record<string, number | string>> = { ...placeIds, bookingId: booking.bookingId };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, field: string) =>
    String(ids[field] ?? (/^(city|movie)Id$/.test(field) ? 1 : unknownUuid)),
  );
  const search = query && 'showId' in query.shape ? `?showId=${placeIds.showId}` : '';
  const shape = bodyFields.safeParse(body).data?.shape ?? {};
  const idsInBody = Object.entries(ids).filter(([field]) => field in shape);
  return { method: method.toUpperCase(), path: filled + search, body: body && Object.fromEntries(idsInBody) };
}
