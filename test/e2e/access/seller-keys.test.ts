import { describe, expect, it } from '@jest/globals';
import { clientEvents } from '@usher/contract';
import { adminKey } from '../../support/api-keys.js';
import { setUpApp } from '../../support/file-app.js';
import { type KeyPlace, setUpKeyPlaces } from '../../support/key-places.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const places = setUpKeyPlaces(app);
const { call, makeOwnKey } = places;
let lastSeat = 10;
const nextSeat = () => ++lastSeat;

const forbidden = { code: 'FORBIDDEN', status: 403 };

describe('a call that sells', () => {
  const reserve = async (key: string, showId = places.own.showId) => {
    const path = `/v1/shows/${showId}/reservations`;
    return (await call('POST', path, key, { seats: [nextSeat()] })).status;
  };

  it.each([
    ['staff', 201],
    ['partner', 201],
    ['kiosk', 201],
    ['gate', 403],
    ['admin', 403],
  ] as const)('of a session that also has a key with the role %s is answered %i', async (role, status) => {
    const { key } = await makeOwnKey({ roles: [role] });
    expect(await reserve(key)).toBe(status);
  });

  it('is refused with a key that is unknown or revoked', async () => {
    const { key, keyId } = await makeOwnKey({ roles: ['kiosk'] });
    expect(await reserve(key)).toBe(201);
    await call('DELETE', `/v1/admin/api-keys/${keyId}`, adminKey);
    expect([await reserve(key), await reserve('never')]).toEqual([401, 401]);
  });

  it.each(['GET', 'DELETE'])(
    'is refused with an unknown key, also if it only reads or leaves a line: %s',
    async (method) => {
      const path = `/v1/shows/${places.own.showId}/queue`;
      expect((await call(method, path, 'never')).status).toBe(401);
      const { key } = await makeOwnKey({ roles: ['kiosk'] });
      expect((await call(method, path, key)).status).toBe(200);
    },
  );

  it('over a socket is limited to the cinemas of the key', async () => {
    const { own, foreign } = places;
    const { key } = await makeOwnKey({ roles: ['kiosk'] });
    const socket = await app.connect({ auth: { apiKey: key } });
    const reservation = (showId: number) => ({ showId, seats: [nextSeat()] });
    await socket.joinOpen(own.showId);
    await socket.ask('reservation:create', reservation(own.showId));
    expect(await socket.refused('reservation:create', reservation(foreign.showId))).toMatchObject(forbidden);
    expect(await socket.refused('queue:join', { showId: foreign.showId, partySize: 1 })).toMatchObject(forbidden);
    expect(await socket.refused('show:join', { showId: foreign.showId })).toMatchObject(forbidden);
    expect(await socket.refused('reservation:create', { showId: 'x', seats: [1] })).toMatchObject({ status: 400 });
    expect(await socket.refused('reservation:create')).toMatchObject({ status: 400 });
  });

  it.each(Object.keys(clientEvents))('over a socket cannot send %s about another cinema', async (event) => {
    const { key } = await makeOwnKey({ roles: ['kiosk'] });
    const socket = await app.connect({ auth: { token: places.buyer.session.token, apiKey: key } });
    const payloadOf = ({ showId, booking }: KeyPlace) =>
      event === 'reservation:release' ? { bookingId: booking.bookingId } : { showId };
    expect(await socket.refused(event, payloadOf(places.foreign))).toMatchObject(forbidden);
    const answer: unknown = await socket.send(event, payloadOf(places.own));
    expect(answer).not.toMatchObject({ error: forbidden });
  });

  it('over a socket is refused with a key that may not sell, although this socket may watch the show', async () => {
    const { key } = await makeOwnKey({ roles: ['gate'] });
    const socket = await app.connect({ auth: { apiKey: key } });
    const { showId } = places.own;
    await socket.joinOpen(showId);
    expect(await socket.refused('reservation:create', { showId, seats: [nextSeat()] })).toMatchObject(forbidden);
  });

  it('over SOAP is limited to the cinemas of the key', async () => {
    const { key } = await makeOwnKey({ roles: ['partner'] });
    const reserveOverSoap = async (showId: number) => {
      const seats = `<u:showId>${showId}</u:showId><u:seats>${nextSeat()}</u:seats>`;
      const answer = await fetch(`${app.url}/soap`, {
        method: 'POST',
        headers: { 'content-type': 'text/xml', 'x-api-key': key },
        body: `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:u="urn:usher:soap:1">
          <e:Body><u:ReserveSeatsRequest>${seats}</u:ReserveSeatsRequest></e:Body></e:Envelope>`,
      });
      return answer.text();
    };
    expect(await reserveOverSoap(places.own.showId)).toContain('reserved');
    expect(await reserveOverSoap(places.foreign.showId)).toContain('FORBIDDEN');
  });
});
