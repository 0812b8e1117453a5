import { expect, it } from '@jest/globals';
import asyncApiSpecs from '@asyncapi/specs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { clientEvents, decodeSeats, endpoints, errorCodes, seatStatusNames, serverEvents } from '@usher/contract';
import { Ajv } from 'ajv';
import { asyncApiDocument } from './async-api.js';
import { type Json, object } from './json-schemas.js';
import { openApiDocument } from './open-api.js';

// Building the documents takes 0.1 s, because each document converts the whole contract. So all tests share them.
const openApi = openApiDocument();
const asyncApi = asyncApiDocument();

/** Resolves a `$ref` of the document. Returns undefined if its target is missing. */
function target(document: Json, pointer: string): unknown {
  return pointer
    .replace('#/', '')
    .split('/')
    .reduce<unknown>((part, key) => object(part)[key], document);
}

/** Collects every `$ref` of a part of the document. */
function references(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value] : references(value),
  );
}

/**
 * Returns the description of an endpoint in the OpenAPI document, or an empty object if the document lacks the
 * endpoint.
 */
const operation = (path: string, method: string): Json => object(object(object(openApi['paths'])[path])[method]);

const dangling = (document: Json) => references(document).filter((pointer) => target(document, pointer) === undefined);

it('builds a valid OpenAPI document without broken references', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(openApi));
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  expect(references(openApi).length).toBeGreaterThan(20);
  expect(dangling(openApi)).toEqual([]);
});

it('builds a valid AsyncAPI document without broken references', () => {
  // The schema of the AsyncAPI specification already contains the schema of draft-07, so the validator must not add it.
  const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });
  const validate = ajv.compile(asyncApiSpecs.schemas['3.0.0']);
  expect({ valid: validate(asyncApi), errors: validate.errors }).toEqual({ valid: true, errors: null });
  expect(references(asyncApi).length).toBeGreaterThan(20);
  expect(dangling(asyncApi)).toEqual([]);
  expect(validate({ ...asyncApi, operations: { lost: { action: 'shout' } } })).toBe(false);
});

it.each(Object.entries(endpoints))('describes the endpoint %s as the contract defines it', (name, endpoint) => {
  const { operationId, responses, security, parameters } = operation(endpoint.path, endpoint.method);
  expect(operationId).toBe(name);
  const bookingLink = 'acceptsBookingLink' in endpoint ? [{ bookingLink: [] }, { apiKey: [] }] : [];
  const bySession = endpoint.needsSession ? [{ session: [] }, ...bookingLink] : [];
  expect(security).toEqual('role' in endpoint ? [{ apiKey: [] }] : bySession);
  const text = JSON.stringify(object(responses));
  for (const code of endpoint.errors) {
    expect(object(responses)).toHaveProperty(String(errorCodes[code].status));
    expect(text).toContain(`#/components/schemas/Error_${code}"`);
  }
  const inPath = [...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
  const parameterText = JSON.stringify(parameters ?? []);
  for (const parameter of inPath) expect(parameterText).toContain(`{"name":"${parameter}","in":"path","required":true`);
});

it('marks optional query parameters and shows their defaults', () => {
  const byName = (path: string) => {
    const { parameters } = operation(path, 'get');
    return Object.fromEntries(Array.isArray(parameters) ? parameters.map((one) => [object(one)['name'], one]) : []);
  };
  expect(byName('/v1/bookings')).toMatchObject({
    limit: { required: false, schema: { type: 'integer', default: 20, minimum: 1, maximum: 100 } },
    cursor: { required: false },
    showId: { required: false, schema: { type: 'integer', minimum: 1 } },
  });
  expect(byName('/v1/tickets/check-ins')).toMatchObject({
    showId: { required: true, schema: { type: 'integer', minimum: 1 } },
  });
});

it('says that refunds by staff may use an API key instead of a session', () => {
  expect(operation('/v1/bookings/{bookingId}/refunds', 'post')).toMatchObject({
    security: [{ session: [] }, { bookingLink: [] }, { apiKey: [] }],
    description: expect.stringContaining('`staff`'),
  });
});

it('explains how to decode the seats of a snapshot, with an example that the service decodes the same way', () => {
  for (const document of [openApi, asyncApi]) {
    expect(JSON.stringify(document['info'])).toContain('two bits per seat');
    const text = JSON.stringify(document);
    const [, count, seats, statuses] =
      /"seatCount\\": (\d+), \\"seats\\": \\"([^"\\]+)\\".*?seats 0 to 5 are ([a-z, ]+)\./.exec(text) ?? [];
    const read = [...decodeSeats(seats!, Number(count))].map((status) => seatStatusNames[status]);
    expect(read.join(', ')).toBe(statuses);
  }
});

it('documents RATE_LIMITED for every endpoint', () => {
  const paths = object(openApi['paths']);
  const operations = Object.values(paths).flatMap((path) => Object.values(object(path)));
  expect(operations).toHaveLength(Object.keys(endpoints).length);
  for (const described of operations) expect(object(described)['responses']).toHaveProperty('429');
});

it('allows every answer to contain additional fields', () => {
  expect(JSON.stringify(openApi)).not.toContain('"additionalProperties":false');
  expect(JSON.stringify(asyncApi)).not.toContain('"additionalProperties":false');
});

it.each(Object.keys(clientEvents))('says that the service receives %s and acknowledges it', (name) => {
  const key = name.replace(':', '.');
  expect(target(asyncApi, `#/operations/${key}`)).toMatchObject({
    action: 'receive',
    messages: [{ $ref: `#/channels/${key}/messages/request` }],
    reply: { messages: [{ $ref: `#/channels/${key}/messages/answer` }] },
  });
  expect(target(asyncApi, `#/channels/${key}/address`)).toBe(name);
});

it.each(Object.keys(serverEvents))('says that the service sends %s', (name) => {
  const key = name.replace(':', '.');
  expect(target(asyncApi, `#/operations/${key}`)).toMatchObject({ action: 'send' });
  expect(target(asyncApi, `#/channels/${key}/address`)).toBe(name);
});

it('describes the acknowledgement of a granted event and of a refused event', () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const schema = object(target(asyncApi, '#/channels/show.sync/messages/answer/payload'));
  const matches = ajv.compile({ ...schema, components: asyncApi['components'] });
  expect(matches({ ok: true, version: 3, changes: [{ version: 3, held: [4] }] })).toBe(true);
  expect(matches({ ok: true, version: -1, changes: [] })).toBe(false);
  const error = { type: 't', title: 't', status: 404, detail: 'd', code: 'NOT_FOUND', what: 'show' };
  expect(matches({ ok: false, error })).toBe(true);
  expect(matches({ ok: false, error: { ...error, code: 'NO_SUCH_CODE' } })).toBe(false);
});
