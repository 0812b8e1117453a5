import { type Endpoint, endpoints, errorCodes, type ErrorCode, errorSchema, seatCodec } from '@usher/contract';
import type { z } from 'zod';
import { type Json, object, SchemaComponents } from './json-schemas.js';

const description = `Live seat maps, holds and fair waiting lines.

Start a session with \`POST /v1/sessions\`, and send its token as \`Authorization: Bearer …\`. Every error has the media type
\`application/problem+json\` (RFC 9457) and a stable \`code\`. The service pushes seat changes over Socket.IO: see
[its events](/docs/events), also [as AsyncAPI](/asyncapi.json). Search and reservations are also available over SOAP: see
[the WSDL](/soap?wsdl).

A body is JSON with \`Content-Type: application/json\`. The service refuses an unknown key in a body with
\`INVALID_REQUEST\`, so that it does not ignore a misspelt key. Two bodies may have unknown keys: \`PushSubscription\`, because
browsers write it, and an entry of an offline upload, because its admission has already happened. The service ignores unknown
query parameters, because proxies and caches add some. The service can refuse any call with \`RATE_LIMITED\`. The
headers \`RateLimit-Policy\` and \`RateLimit\` of an answer show the limit and the rest of it. If a path does
not support the method of a call, the service answers 405 with the header \`Allow\` and the code \`INVALID_REQUEST\`.

${seatCodec}`;

/** Builds the OpenAPI 3.1 document of the REST endpoints from the contract's schemas. */
export function openApiDocument(): Json {
  const components = new SchemaComponents('draft-2020-12');
  const paths: Record<string, Json> = {};
  for (const [name, endpoint] of Object.entries<Endpoint>(endpoints)) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operation(name, endpoint, components) };
  }
  const tags = new Set(Object.values<Endpoint>(endpoints).map(({ tag }) => tag));
  return {
    openapi: '3.1.0',
    info: { title: 'Usher', version: '1', description, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    tags: [...tags].map((tag) => ({ name: tag })),
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        bookingLink: { type: 'http', scheme: 'bearer', description: 'The token of a link in a mail to the buyer' },
        session: { type: 'http', scheme: 'bearer', description: 'The token of `POST /v1/sessions`' },
      },
    },
  };
}

function securityOf({ role, needsSession, acceptsBookingLink }: Endpoint): Json[] {
  if (role) return [{ apiKey: [] }];
  if (acceptsBookingLink) return [{ session: [] }, { bookingLink: [] }, { apiKey: [] }];
  return needsSession ? [{ session: [] }] : [];
}

function operation(name: string, endpoint: Endpoint, components: SchemaComponents): Json {
  const { params, query, headers, body } = endpoint;
  const parameters = [
    ...parametersOf('path', params, components),
    ...parametersOf('query', query, components),
    ...parametersOf('header', headers, components),
    ...(endpoint.isCacheable ? [ifNoneMatch] : []),
  ];
  return {
    operationId: name,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    security: securityOf(endpoint),
    ...descriptionOf(endpoint),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: components.of(body, 'input') } } },
    }),
    responses: {
      [endpoint.status]: {
        description: descriptions[endpoint.status],
        ...headersOf(endpoint),
        ...contentOf(endpoint, components),
      },
      ...(endpoint.isCacheable && {
        304: { description: 'Not modified: the ETag in `If-None-Match` is still current', headers: cacheHeaders },
      }),
      ...withOtherAnswers(
        refusals([...new Set([...endpoint.errors, 'RATE_LIMITED', 'INTERNAL'] as const)], components),
        endpoint,
        components,
      ),
    },
  };
}

function descriptionOf({ role, acceptsBookingLink }: Endpoint): { description?: string } {
  if (acceptsBookingLink) {
    return {
      description:
        'Also accepts the token of a booking link from the buyer’s mail (`Authorization: Bearer booking.…`), and an API ' +
        'key with the role `staff`.',
    };
  }
  // Webhooks belong to an API key.
  const orOperator = role === 'partner' ? '' : ', or an operator with this role who has signed in';
  return role ? { description: `Needs an API key with the role \`${role}\`${orOperator}.` } : {};
}

function headersOf({ isCacheable, answerHeaders = {} }: Endpoint): Json {
  const own = Object.entries(answerHeaders).map(
    ([name, about]) => [name, { schema: { type: 'string' }, description: about }] as const,
  );
  const headers = { ...(isCacheable && cacheHeaders), ...Object.fromEntries(own) };
  return Object.keys(headers).length > 0 ? { headers } : {};
}

function contentOf({ answer, requestedAnswer, documents = [] }: Endpoint, components: SchemaComponents): Json {
  if (!answer && documents.length === 0) return {};
  const files = documents.map((type) => [type, { schema: { type: 'string', format: 'binary' } }] as const);
  return {
    content: {
      ...(answer && { 'application/json': { schema: answerSchema(answer, requestedAnswer, components) } }),
      ...Object.fromEntries(files),
    },
  };
}

function answerSchema(answer: z.ZodType, requested: z.ZodType | undefined, components: SchemaComponents): Json {
  const usual = components.of(answer, 'output');
  return requested ? { anyOf: [usual, components.of(requested, 'output')] } : usual;
}

/** Adds an endpoint's other answers, which are not errors but may share a status with an error. */
function withOtherAnswers(responses: Json, { otherAnswers = {} }: Endpoint, components: SchemaComponents): Json {
  const added = Object.entries(otherAnswers).map(([status, answer]) => {
    const { description: ofErrors = 'Answered', content, ...rest } = object(responses[status] ?? {});
    const json = { 'application/json': { schema: components.of(answer, 'output') } };
    return [status, { ...rest, description: ofErrors, content: { ...object(content ?? {}), ...json } }] as const;
  });
  return { ...responses, ...Object.fromEntries(added) };
}

function parametersOf(
  where: 'path' | 'query' | 'header',
  schema: z.ZodObject | undefined,
  components: SchemaComponents,
) {
  if (!schema) return [];
  return Object.entries(schema.shape).map(([name, field]) => {
    const { description: about, ...written } = object(components.of(field, 'input'));
    return {
      name: where === 'header' ? headerName(name) : name,
      in: where,
      // A default also makes a parameter optional, so this code checks whether the field accepts undefined.
      required: where === 'path' || !schema.shape[name].safeParse(undefined).success,
      ...(about !== undefined && { description: about }),
      schema: written,
    };
  });
}

/** Capitalises a header name, for example `idempotency-key` to `Idempotency-Key`. */
const headerName = (name: string) => name.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

const descriptions = {
  200: 'Success',
  201: 'Created',
  204: 'Success without a body',
  303: 'Open another page',
} as const satisfies Record<Endpoint['status'], string>;

/** Describes the errors of an endpoint, one response per status. Errors with the same status differ by `code`. */
function refusals(codes: readonly ErrorCode[], components: SchemaComponents): Json {
  const byStatus = Map.groupBy(codes, (code) => errorCodes[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, sharing]) => {
      const schemas = sharing.map((code) => components.of(errorSchema(code), 'output'));
      return [
        status,
        {
          description: sharing.map((code) => `\`${code}\` ${errorCodes[code].title}`).join(' · '),
          ...(sharing.some((code) => 'retryAfterMs' in errorCodes[code].fields) && { headers: retryAfter }),
          content: {
            'application/problem+json': { schema: schemas.length === 1 ? schemas[0] : { oneOf: schemas } },
          },
        },
      ];
    }),
  );
}

const retryAfter = { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds until a retry' } };

const ifNoneMatch = { name: 'If-None-Match', in: 'header', required: false, schema: { type: 'string' } };

const cacheHeaders = {
  ETag: { schema: { type: 'string' } },
  'Cache-Control': { schema: { type: 'string' } },
};
