import { expect, it } from '@jest/globals';
import { endpoints } from '@usher/contract';
import { validate } from '../../support/contract-shapes.js';
import { tablesWith } from '../../support/database-text.js';
import { describeWithRedis } from '../../support/describe-with-redis.js';
import { setUpTwoNodesOnRedis } from '../../support/two-nodes.js';

describeWithRedis('the erasure of a session on two nodes', () => {
  const twoNodes = setUpTwoNodesOnRedis();

  it('closes the sockets of the session on both nodes, and both nodes forget who holds the paid seats', async () => {
    const showId = await twoNodes.show();
    const { booking, callers } = await twoNodes.createPaidBuyer(showId, [0]);
    const { session } = callers[0]!;
    const viewer = await twoNodes.nodes.connect(1, session.token);
    expect((await viewer.joinOpen(showId)).bookings).toHaveLength(1);
    const disconnected = new Promise((resolve) => viewer.io.once('disconnect', resolve));
    const { status, body } = await callers[0]!.call('DELETE', '/v1/session/data');
    expect(status).toBe(200);
    const { keptBookings } = validate(endpoints.eraseSessionData.answer, body);
    expect(keptBookings).toEqual([booking.bookingId]);
    expect(await disconnected).toBe('io server disconnect');
    expect(await tablesWith(twoNodes.nodes.pool, [session.sessionId])).toEqual([]);
    const again = await twoNodes.nodes.connect(1, session.token);
    expect((await again.joinOpen(showId)).bookings).toEqual([]);
    const refund = await callers[1]!.call('POST', `/v1/bookings/${booking.bookingId}/refunds`);
    expect(refund).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  });
});
