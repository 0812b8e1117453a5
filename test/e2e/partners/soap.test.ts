import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Session } from '@usher/contract';
import { type Client, createClientAsync } from 'soap';
import { z } from 'zod';
import { Admin, rowOf } from '../../support/admin.js';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';
import { testPool, whileLocked } from '../../support/database.js';
import { RestCaller } from '../../support/rest.js';

type Fields = Record<string, unknown>;

const SoapError = z.looseObject({ code: z.string() });
type SoapError = z.infer<typeof SoapError>;

const Detail = z.object({ Error: SoapError });

/**
 * The error that the package throws for a fault. SOAP 1.1 calls the details of a fault `detail`, and SOAP 1.2 calls
 * them `Detail`.
 */
const ThrownFault = z.object({
  root: z.object({
    Envelope: z.object({ Body: z.object({ Fault: z.object({ detail: Detail, Detail }).partial() }) }),
  }),
});

/** The answer to a ReserveSeats call. The package parses times as `Date` objects. */
const ReserveAnswer = z.object({
  booking: z.record(z.string(), z.unknown()),
  session: Session.extend({ expiresAt: z.date() }),
});

/** A partner's program that uses the client of the package `soap`. */
class Partner {
  private constructor(readonly client: Client) {}

  static async of(url: string, version: '1.1' | '1.2' = '1.1', headers: Record<string, string> = {}): Promise<Partner> {
    const client = await createClientAsync(`${url}/soap?wsdl`, { forceSoap12Headers: version === '1.2' });
    for (const [name, value] of Object.entries(headers)) client.addHttpHeader(name, value);
    return new Partner(client);
  }

  async call(operation: 'SearchMovies' | 'ReserveSeats', fields: Fields): Promise<Fields> {
    const method: (fields: Fields) => Promise<[Fields]> = this.client[`${operation}Async`];
    return (await method.call(this.client, fields))[0];
  }

  /** Sends a call that must be refused. Returns the error. The package returns all its fields as text. */
  async refused(operation: 'SearchMovies' | 'ReserveSeats', fields: Fields): Promise<SoapError> {
    try {
      await this.call(operation, fields);
    } catch (thrown) {
      const { Fault: fault } = validate(ThrownFault, thrown).root.Envelope.Body;
      return validate(Detail, fault.detail ?? fault.Detail).Error;
    }
    throw new Error('the call was not refused');
  }
}

const oddTitle = '<![CDATA[ & ]]></title>"Tom" & \u0001Jerry\'s <b>]]>';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const admin = new Admin(() => app.url);

beforeAll(async () => {
  const movie = { title: 'Evil', originalTitle: 'Zitat', durationMinutes: 90, genres: ['Action', 'Comedy'] };
  const { movieId } = await admin.make('/movies', movie);
  // The contract refuses control characters in titles, but an older version stored them.
  const pool = testPool(app.databaseUrl, 1);
  await pool.query('update movie set title = $1 where id = $2', [oddTitle, movieId]);
  await pool.end();
  const { hallId } = await admin.hall(rowOf('2s'));
  const startsAt = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString();
  await admin.make('/shows', { movieId, hallId, startsAt, currency: 'EUR', prices: { standard: 1 } });
});

/** Posts raw bytes to the SOAP endpoint, which the client of the package cannot do. */
async function post(body: string | Buffer, headers: Record<string, string> = { 'content-type': 'text/xml' }) {
  const answer = await fetch(`${app.url}/soap`, { method: 'POST', body, headers });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}

const makeEnvelope = (
  content: string,
  { namespace = 'http://schemas.xmlsoap.org/soap/envelope/', before = '', header = '' } = {},
) =>
  `<?xml version="1.0" encoding="UTF-8"?>${before}<e:Envelope xmlns:e="${namespace}" xmlns:u="urn:usher:soap:1">` +
  `${header}<e:Body>${content}</e:Body></e:Envelope>`;
const searchCall = '<u:SearchMoviesRequest><u:keyword>zitat</u:keyword></u:SearchMoviesRequest>';

describe.each(['1.1', '1.2'] as const)('SOAP %s', (version) => {
  it('finds movies as REST does, no matter which characters their titles contain', async () => {
    const partner = await Partner.of(app.url, version);
    const answer = await partner.call('SearchMovies', { keyword: 'zitta', sort: 'title', limit: 5 });
    expect(answer).toMatchObject({
      didYouMean: 'zitat',
      items: [
        {
          movie: {
            title: '<! [CDATA[ & ]]></title>"Tom" & \uFFFDJerry\'s <b>]]>',
            genres: ['Action', 'Comedy'],
            durationMinutes: 90,
          },
          shows: 1,
        },
      ],
    });
  });

  it('holds seats for a new session and returns this session, which REST accepts too', async () => {
    const { showId } = await admin.show(rowOf('6s_4S'), { standard: 1250, premium: 1650 });
    const partner = await Partner.of(app.url, version);
    const answer = await partner.call('ReserveSeats', { showId, best: { count: 1, tier: 'premium' } });
    const { booking, session } = validate(ReserveAnswer, answer);
    expect(booking).toMatchObject({ showId, status: 'reserved', total: { amount: 1650, currency: 'EUR' } });
    const caller = new RestCaller(app.url, { ...session, expiresAt: session.expiresAt.toISOString() });
    const { body } = await caller.call('GET', `/v1/bookings/${String(booking['bookingId'])}`);
    expect(body).toMatchObject({ sessionId: session.sessionId, status: 'reserved' });
    const secondAnswer = await partner.call('ReserveSeats', {
      showId,
      sessionToken: session.token,
      best: { count: 1 },
    });
    expect(secondAnswer).toMatchObject({ booking: { sessionId: session.sessionId } });
    expect(secondAnswer).not.toHaveProperty('session');
  });

  it('answers the errors of the contract as faults with the same fields', async () => {
    const { showId } = await admin.show(rowOf('6s'), { standard: 1 });
    const partner = await Partner.of(app.url, version);
    const token = (await RestCaller.begin(app.url)).session.token;
    const reserve = (fields: Fields) => partner.refused('ReserveSeats', { showId, sessionToken: token, ...fields });
    expect(await reserve({ seats: [0, 0] })).toMatchObject({ code: 'INVALID_SEATS', status: '422', limit: '10' });
    expect(await reserve({ best: { count: 10 } })).toMatchObject({ code: 'SHOW_FULL', canQueue: 'true' });
    expect(await reserve({ best: { count: 'two' } })).toMatchObject({
      code: 'INVALID_REQUEST',
      issues: { path: 'best.count' },
    });
    expect(await reserve({ seats: [1], best: { count: 1 } })).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await reserve({ showId: 999_999, seats: [1] })).toMatchObject({ code: 'NOT_FOUND', what: 'show' });
    expect(await reserve({ showId: '12abc', seats: [1] })).toMatchObject({ issues: { path: 'showId' } });
    expect(await reserve({ sessionToken: 'forged', seats: [1] })).toMatchObject({
      code: 'UNAUTHENTICATED',
      status: '401',
    });
    expect(await partner.refused('SearchMovies', { lat: 52.5 })).toMatchObject({ issues: { path: 'lon' } });
    expect(await partner.refused('SearchMovies', { cursor: 'of another query' })).toMatchObject({
      issues: { path: 'cursor' },
    });
  });
});

describe('SOAP and REST share their rules, so SOAP calls', () => {
  it('get the same answer for a repeated idempotency key, whether the key is in the call or in a header', async () => {
    const { showId } = await admin.show(rowOf('6s'), { standard: 1 });
    const { session } = await RestCaller.begin(app.url);
    const partner = await Partner.of(app.url, '1.1', {
      Authorization: `Bearer ${session.token}`,
      'Idempotency-Key': 'k',
    });
    const request = { showId, seats: [4] };
    const first = await partner.call('ReserveSeats', request);
    expect(await partner.call('ReserveSeats', request)).toEqual(first);
    const other = await Partner.of(app.url);
    const sameKey = { ...request, sessionToken: session.token, idempotencyKey: 'k' };
    expect(await other.call('ReserveSeats', sameKey)).toEqual(first);
    expect(await other.refused('ReserveSeats', { ...sameKey, seats: [5] })).toMatchObject({ code: 'KEY_REUSED' });
    // Without a session, an idempotency key would belong to nobody.
    expect(await other.refused('ReserveSeats', { ...request, idempotencyKey: 'k' })).toMatchObject({
      issues: { path: 'sessionToken' },
    });
    const takenError = await other.refused('ReserveSeats', request);
    expect(takenError).toMatchObject({ code: 'SEATS_TAKEN' });
    expect([takenError['seats']].flat().map(Number)).toEqual([4]);
  });

  it('cannot bypass a waiting room', async () => {
    const waitingRoom = { mode: 'on', maxShoppers: 1, admitPerMinute: null, shopSeconds: null };
    const show = await admin.show(rowOf('4s'), { standard: 1 }, { waitingRoom });
    const partner = await Partner.of(app.url);
    const { session } = await RestCaller.begin(app.url);
    const request = { showId: show.showId, seats: [0], sessionToken: session.token };
    expect(await partner.refused('ReserveSeats', request)).toMatchObject({ code: 'NOT_ADMITTED', status: '403' });
  });

  it('need no API key, but are refused with a key that does not belong to a partner', async () => {
    const [partnerKey, gateKey] = [
      await makeKey(app.url, { roles: ['partner'] }),
      await makeKey(app.url, { roles: ['gate'] }),
    ];
    const createPartnerWithKey = async (key: string) => Partner.of(app.url, '1.1', { 'X-Api-Key': key });
    expect(await (await createPartnerWithKey(partnerKey.key)).call('SearchMovies', { keyword: 'zitat' })).toMatchObject(
      { items: [{}] },
    );
    expect(await (await createPartnerWithKey(gateKey.key)).refused('SearchMovies', {})).toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await (await createPartnerWithKey('invented')).refused('SearchMovies', {})).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('are limited per session', async () => {
    const { session } = await RestCaller.begin(app.url);
    const headers = { 'content-type': 'application/soap+xml', authorization: `Bearer ${session.token}` };
    const body = makeEnvelope(searchCall, { namespace: 'http://www.w3.org/2003/05/soap-envelope' });
    let limited: Awaited<ReturnType<typeof post>> | undefined;
    for (let turn = 0; turn < 20 && !limited; turn++) {
      const answers = await Promise.all(Array.from({ length: 100 }, () => post(body, headers)));
      limited = answers.find(({ text }) => text.includes('RATE_LIMITED'));
    }
    expect(limited).toMatchObject({ status: 400, type: 'application/soap+xml; charset=utf-8' });
    expect(limited?.text).toMatch(/<retryAfterMs>[0-9]+<\/retryAfterMs>/);
  });
});

describe('the WSDL document', () => {
  it('contains the address at which the client requested it', async () => {
    const answer = await fetch(`${app.url}/soap?wsdl`);
    expect(answer.headers.get('content-type')).toBe('text/xml; charset=utf-8');
    expect((await answer.text()).match(/address location="[^"]*"/g)).toEqual(
      Array.from({ length: 2 }, () => `address location="${app.url}/soap"`),
    );
  });
});

describe('an invalid envelope', () => {
  const nestElements = (depth: number) => '<u:a>'.repeat(depth) + '</u:a>'.repeat(depth);
  const entityBomb =
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>';
  const makeCall = (content: string) => `<u:SearchMoviesRequest>${content}</u:SearchMoviesRequest>`;

  it.each<[name: string, body: string | Buffer, mentioned: string]>([
    [
      'an external entity',
      makeEnvelope(makeCall('<u:keyword>&f;</u:keyword>'), {
        before: '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
      }),
      'document types',
    ],
    ['an entity bomb', makeEnvelope(makeCall('<u:keyword>&c;</u:keyword>'), { before: entityBomb }), 'document types'],
    [
      'a processing instruction',
      makeEnvelope(searchCall, { before: '<?xml-stylesheet href="http://example.com/x"?>' }),
      'processing instructions',
    ],
    [
      'a reference to an element',
      makeEnvelope(makeCall('<u:keyword id="__proto__">x</u:keyword>')),
      'references between elements',
    ],
    [
      'an element with the name __proto__',
      makeEnvelope(makeCall('<u:__proto__><u:x>1</u:x></u:__proto__>')),
      'must not be called __proto__',
    ],
    ['too many levels', makeEnvelope(makeCall(nestElements(20))), 'at most 16 levels'],
    ['too many elements', makeEnvelope(makeCall('<u:seats>1</u:seats>'.repeat(300))), 'at most 256 elements'],
    ['an unknown call', makeEnvelope('<u:DropTablesRequest/>'), 'SearchMoviesRequest'],
    ['two calls', makeEnvelope(searchCall + searchCall), 'one call'],
    ['no call', makeEnvelope(''), 'must have a call'],
    ['an unknown envelope namespace', makeEnvelope(searchCall, { namespace: 'urn:other' }), 'SOAP 1.1 or 1.2'],
    [
      'a header that must be understood',
      makeEnvelope(searchCall, { header: '<e:Header><u:Pay e:mustUnderstand="1"/></e:Header>' }),
      'the header Pay',
    ],
    ['a text that is not XML', '{"keyword":"x"}', 'must be XML'],
    ['incomplete XML', makeEnvelope(searchCall).slice(0, -10), 'must be XML'],
    ['an empty body', '', 'must be XML'],
    ['a non-UTF-8 body', Buffer.from(makeEnvelope(searchCall).replace('zitat', 'fü'), 'latin1'), 'must be UTF-8'],
    [
      'a keyword that is too long',
      makeEnvelope(makeCall(`<u:keyword>${'x'.repeat(100_000)}</u:keyword>`)),
      'too large',
    ],
  ])('with %s is refused with a fault', async (_, body, mentioned) => {
    const { status, type, text } = await post(body);
    expect(text).toContain('<code>INVALID_REQUEST</code>');
    expect(text).toContain(mentioned);
    expect(text).not.toMatch(/node_modules|root:/);
    expect(status).toBe(500);
    expect(type).toBe('text/xml; charset=utf-8');
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('that is compressed is expanded only up to the size limit', async () => {
    const compressed = gzipSync(makeEnvelope(makeCall(`<u:keyword>${'x'.repeat(10_000_000)}</u:keyword>`)));
    const { text } = await post(compressed, { 'content-type': 'text/xml', 'content-encoding': 'gzip' });
    expect(text).toContain('too large');
    const { status } = await post(gzipSync(makeEnvelope(searchCall)), {
      'content-type': 'text/xml',
      'content-encoding': 'gzip',
    });
    expect(status).toBe(200);
  });

  it.each(['text/xml', 'application/soap+xml'])(
    'that is compressed and full of errors is refused at its first error, when sent as %s',
    async (type) => {
      const compressed = gzipSync(makeEnvelope(makeCall(`<u:keyword>${'<'.repeat(15_000)}</u:keyword>`)));
      const answer = await post(compressed, { 'content-type': type, 'content-encoding': 'gzip' });
      expect(answer).toMatchObject({ status: type === 'text/xml' ? 500 : 400, type: `${type}; charset=utf-8` });
      expect(answer.text.match(/<issues>/g)).toHaveLength(1);
      expect(answer.text).toMatch(/must be XML: 1:\d+: disallowed character/);
    },
  );

  it('is not an envelope to which a tool has added type attributes and extra spaces', async () => {
    const typedCall =
      '\n  <u:SearchMoviesRequest xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema">' +
      '\n <u:keyword xsi:type="xs:string"> zitat </u:keyword><u:city xsi:nil="true"/><u:spellcheck>1</u:spellcheck><u:limit/>\n</u:SearchMoviesRequest>';
    const { status, text } = await post(makeEnvelope(typedCall), {
      'content-type': 'text/xml; charset=utf-8',
      soapaction: '"nonsense"',
    });
    expect(status).toBe(200);
    expect(text).toContain('Jerry');
  });
});

it('SOAP answers BUSY with a fault that says when to try again', async () => {
  const { showId } = await admin.show(rowOf('6s'), { standard: 1 });
  const pool = testPool(app.databaseUrl, 1);
  const { session } = await RestCaller.begin(app.url);
  const partner = await Partner.of(app.url);
  await partner.call('ReserveSeats', { showId, seats: [0], sessionToken: session.token });
  const refused = await whileLocked(pool, showId, () =>
    partner.refused('ReserveSeats', { showId, seats: [5], sessionToken: session.token }),
  );
  expect(refused).toMatchObject({ code: 'BUSY', status: '503' });
  expect(Number(refused['retryAfterMs'])).toBeGreaterThan(0);
  await pool.end();
});
