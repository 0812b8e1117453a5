import { expect, it } from '@jest/globals';
import { makeAccessCodes } from '../../support/access-codes.js';
import { Admin } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { setUpApp } from '../../support/file-app.js';
import { sdkClients, waitForView } from '../../support/sdk.js';
import { makeShow } from '../../support/show.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const admin = new Admin(() => app.url);
const createClient = sdkClients(() => app.url);
const protection = { codeRequired: true };

it('the client waits outside of a metered show until its session has used an access code, and then enters by itself', async () => {
  const showId = await makeShow(app.pool, { protection, waitingRoom: { mode: 'on', maxShoppers: 5 } });
  const { codes } = await makeAccessCodes(admin, showId);
  const usher = createClient();
  const show = usher.openShow(showId);
  const outside = await waitForView(show, ({ error }) => error?.code === 'CODE_REQUIRED');
  expect(outside).toMatchObject({ access: 'out', connection: 'live', seatCount: 0 });
  expect(await usher.accessCodes.read(showId)).toEqual({ seats: 0, until: null });

  await expect(show.redeemAccessCode('INVENTED2031')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(show.getSnapshot()).toMatchObject({ access: 'out', error: { code: 'CODE_REQUIRED' } });
  expect(await show.redeemAccessCode(codes[0]!)).toEqual({ seats: 2, until: null });
  await show.ready;
  expect(await waitForView(show, ({ access }) => access === 'open')).toMatchObject({ seatCount: 100, error: null });
  expect(await show.reserve({ seats: [0, 1] })).toMatchObject({ status: 'reserved' });
  expect(await usher.accessCodes.read(showId)).toEqual({ seats: 2, until: null });

  const other = createClient();
  await expect(other.accessCodes.redeem(showId, codes[0]!)).rejects.toMatchObject({
    code: 'CODE_UNUSABLE',
    body: { reason: 'usedUp' },
  });
});

it('the client watches an open show without an access code, and learns from a refusal that it needs one', async () => {
  const showId = await makeShow(app.pool, { protection });
  const { codes } = await makeAccessCodes(admin, showId);
  const show = createClient().openShow(showId);
  await show.ready;
  expect(show.getSnapshot()).toMatchObject({ access: 'open', error: null });
  await expect(show.joinLine({ partySize: 1 })).rejects.toMatchObject({ code: 'CODE_REQUIRED' });
  await expect(show.reserve({ seats: [0] })).rejects.toMatchObject({ code: 'CODE_REQUIRED' });
  expect(show.getSnapshot()).toMatchObject({ access: 'open', error: { code: 'CODE_REQUIRED' } });
  await show.redeemAccessCode(codes[0]!);
  expect(show.getSnapshot()).toMatchObject({ access: 'open', error: null });
  await show.reserve({ seats: [0] });
});
