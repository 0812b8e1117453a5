import { beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiKeyBody, ApiKeyMade, type AuditEntry } from '@usher/contract';
import { parse } from 'csv-parse/sync';
import { Admin } from '../../support/admin.js';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { AuditReader } from '../../support/audit.js';
import { setUpApp } from '../../support/file-app.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const admin = new Admin(() => app.url);
const audit = new AuditReader(() => app.url);
const made: { deputy?: ApiKeyMade; shows?: { showId: number; cinemaId: number }[] } = {};

const blockSeat = async (showId: number, seat: number, key: string) => {
  const answer = await fetch(`${app.url}/v1/admin/shows/${showId}/blocks`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ seats: [seat], reason: '=HYPERLINK("http://evil.example"),\n"quoted"' }),
  });
  expect(answer.status).toBe(200);
};

beforeAll(async () => {
  made.deputy = await makeKey(app.url, { name: '=Deputy, "B"', roles: ['admin'] });
  const shows = [await admin.showInRow('ssssss'), await admin.showInRow('ssssss')];
  made.shows = shows.map(({ showId, cinema: { cinemaId } }) => ({ showId, cinemaId }));
  for (const { showId } of made.shows) {
    for (const seat of [0, 1, 2]) await blockSeat(showId, seat, adminKey);
    await blockSeat(showId, 3, made.deputy.key);
  }
});

describe('the list of the audit trail', () => {
  it('has the newest entry first and continues page by page without a gap', async () => {
    const all = await audit.list();
    const read: typeof all = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { items, nextCursor } = await audit.page({ limit: 3, ...(cursor && { cursor }) });
      read.push(...items);
      cursor = nextCursor;
    }
    expect(read).toEqual(all);
    const times = all.map(({ at }) => at);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  it('finds entries by actor, action, show, cinema, subject and time', async () => {
    const [first, second] = made.shows!;
    const { keyId, name } = made.deputy!;
    const ofDeputy = await audit.list({ actor: keyId });
    expect(ofDeputy.map(({ showId }) => showId)).toEqual([second!.showId, first!.showId]);
    expect(await audit.list({ actor: name })).toEqual(ofDeputy);
    expect(await audit.list({ actor: keyId, showId: first!.showId })).toEqual([ofDeputy[1]]);
    expect(await audit.list({ action: 'seats.block', cinemaId: second!.cinemaId })).toHaveLength(4);
    expect((await audit.list({ subject: keyId })).map(({ action }) => action)).toEqual(['api-key.create']);
    const [newest] = await audit.list({ limit: 1 });
    expect(await audit.list({ from: newest!.at })).toContainEqual(newest);
    expect(await audit.list({ to: newest!.at })).not.toContainEqual(newest);
    expect(await audit.list({ showId: 999_999_999_999_999 })).toEqual([]);
  });

  it.each<Record<string, string | number>>([
    { action: 'nonsense' },
    { from: 'yesterday' },
    { showId: 'x' },
    { limit: 101 },
    { cursor: 'x' },
  ])('refuses %j', async (query) => {
    expect((await audit.fetch('', query)).status).toBe(400);
  });

  it('refuses a cursor of a list with other filters', async () => {
    const { nextCursor } = await audit.page({ limit: 1, action: 'seats.block' });
    expect((await audit.fetch('', { limit: 1, cursor: nextCursor! })).status).toBe(400);
  });
});

describe('the export of the audit trail', () => {
  it('contains all entries as JSON Lines, oldest first', async () => {
    const answer = await audit.fetch('/export');
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    await answer.body?.cancel();
    // The node may still be busy with the interrupted export. The next one waits for it.
    expect(await audit.exportEntries()).toEqual((await audit.list()).toReversed());
    expect(await audit.exportEntries({ action: 'seats.unblock' })).toEqual([]);
  });

  it('contains the same entries as CSV, and no cell that a spreadsheet would run', async () => {
    const entries = await audit.exportEntries({ action: 'seats.block' });
    const answer = await audit.fetch('/export', { format: 'csv', action: 'seats.block' });
    const rows: Record<string, string>[] = parse(await answer.text(), { columns: true });
    expect(rows.map(({ hash }) => hash)).toEqual(entries.map(({ hash }) => hash));
    expect(JSON.parse(rows[0]!['after']!)).toEqual(entries[0]!.after);
    const names = new Set(rows.map(({ actorName }) => actorName));
    expect(names).toEqual(new Set(['ADMIN_API_KEY', `'=Deputy, "B"`]));
  });

  it('is complete if it is longer than one batch, and stops if the client goes away', async () => {
    // The rows are not part of a valid chain. This test only counts them.
    await app.pool.query(
      `insert into audit_entry (show_id, seq, at, action, actor_kind, actor_name, subject_kind, subject_id, after, hash)
       select 2000000000, n, now(), 'seats.block', 'system', 'test', 'show', '2000000000', $1, repeat('0', 64)
       from generate_series(1, 20000) n`,
      [{ text: 'x'.repeat(2000) }],
    );
    const interrupted = await audit.fetch('/export', { actor: 'test' });
    await interrupted.body!.cancel();
    // A node runs one export at a time. So a complete answer shows that the interrupted export has ended.
    const answer = await audit.fetch('/export', { actor: 'test' });
    expect(answer.status).toBe(200);
    const lines = (await answer.text()).trimEnd().split('\n');
    expect(lines).toHaveLength(20_000);
    await app.pool.query('delete from audit_entry where show_id = 2000000000');
  });
});

describe('the audit trail', () => {
  it('is closed to callers without an admin key', async () => {
    const { key } = await makeKey(app.url, { roles: ['staff', 'gate', 'partner', 'kiosk'] });
    for (const path of ['', '/export']) {
      expect((await new AuditReader(() => app.url, key).fetch(path)).status).toBe(403);
      expect((await fetch(`${app.url}/v1/admin/audit${path}`)).status).toBe(401);
    }
  });

  it('shows a key that is limited to cinemas or a show only their entries', async () => {
    const [first, second] = made.shows!;
    const third = await admin.showInRow('ssssss');
    await blockSeat(third.showId, 0, adminKey);
    const cinemas = [first!.cinemaId, second!.cinemaId];
    const scopes: [Partial<ApiKeyBody>, (entry: AuditEntry) => boolean][] = [
      [{ cinemaId: cinemas[0] }, ({ cinemaId }) => cinemaId === cinemas[0]],
      [{ cinemaIds: cinemas }, ({ cinemaId }) => cinemaId !== null && cinemas.includes(cinemaId)],
      [{ showId: first!.showId }, ({ showId }) => showId === first!.showId],
    ];
    for (const [scope, isInScope] of scopes) {
      const { key } = await makeKey(app.url, { roles: ['admin'], ...scope });
      const expected = (await audit.list()).filter(isInScope);
      expect(expected.length).toBeGreaterThan(4);
      // The acts of a cinema without a show are in its scope too.
      expect(expected.some(({ action }) => action === 'hall.create')).toBe(scope.showId === undefined);
      const own = new AuditReader(() => app.url, key);
      expect(await own.list()).toEqual(expected);
      expect(await own.exportEntries()).toEqual(expected.toReversed());
      expect(await own.list({ showId: third.showId })).toEqual([]);
      expect(await own.list({ cinemaId: third.cinema.cinemaId })).toEqual([]);
    }
  });
});
