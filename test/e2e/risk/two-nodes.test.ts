import { expect, it } from '@jest/globals';
import { setUpTwoNodesOnRedis } from '../../support/two-nodes.js';

const twoNodes = setUpTwoNodesOnRedis(() => ({ COOL_DOWN_SECONDS: '30', COOL_DOWN_FREE_CHANGES: '3' }));

it('a node knows the holds that a session gave back on another node', async () => {
  const showId = await twoNodes.show();
  const first = await twoNodes.nodes.connect(0);
  const { token } = await first.session();
  const second = await twoNodes.nodes.connect(1, token);
  await first.joinOpen(showId);
  const { version: before } = await second.joinOpen(showId);
  for (let seat = 0; seat < 4; seat++) {
    const { booking } = await first.ask('reservation:create', { showId, seats: [seat] });
    await first.ask('reservation:release', { bookingId: booking.bookingId });
  }
  // Each hold and each release is one version.
  await second.next('seats:changed', ({ version }) => version === before + 8);
  expect(await second.refused('reservation:create', { showId, seats: [20] })).toMatchObject({ code: 'COOL_DOWN' });
});
