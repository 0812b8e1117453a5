import { type Endpoint, endpoints, errorCodes, type ErrorCode, errorSchema } from '@usher/contract';
import type { z } from 'zod';
import { type Json, object, SchemaComponents } from './json-schemas.js';

const description = `Live seat maps, holds and fair waiting lines.

Begin a session with \`POST /v1/sessions\` and send its token as \`Authorization: Bearer …\`. Every refusal is an
\`application/problem+json\` (RFC 9457) with a stable \`code\`. Seat changes are pushed by Socket.IO:
[its events](/docs/events), the same [as AsyncAPI](/asyncapi.json).`;

/** The OpenAPI 3.1 document of the REST endpoints, all of it from the contract's schemas. */
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
        session: { type: 'http', scheme: 'bearer', description: 'The token of `POST /v1/sessions`' },
      },
    },
  };
}

function operation(name: string, endpoint: Endpoint, components: SchemaComponents): Json {
  const { params, query, headers, body } = endpoint;
  const parameters = [
    ...parametersOf('path', params, components),
    ...parametersOf('query', query, components),
    ...parametersOf('header', headers, components),
    ...(endpoint.cached ? [ifNoneMatch] : []),
  ];
  return {
    operationId: name,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    security: endpoint.session ? [{ session: [] }] : [],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: components.of(body, 'input') } } },
    }),
    responses: {
      [endpoint.status]: {
        description: endpoint.status === 201 ? 'Made' : 'Found',
        ...(endpoint.cached && { headers: cacheHeaders }),
        content: { 'application/json': { schema: components.of(endpoint.answer, 'output') } },
      },
      ...(endpoint.cached && { 304: { description: 'Still what `If-None-Match` named', headers: cacheHeaders } }),
      ...refusals([...endpoint.errors, 'INTERNAL'], components),
    },
  };
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
      // A default makes a parameter optional too, so what counts is whether the field takes nothing.
      required: where === 'path' || !schema.shape[name].safeParse(undefined).success,
      ...(about !== undefined && { description: about }),
      schema: written,
    };
  });
}

/** `idempotency-key` as people write it. */
const headerName = (name: string) => name.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

/** One answer for each status; codes that share a status are told apart by `code`. */
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

const retryAfter = { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds' } };

const ifNoneMatch = { name: 'If-None-Match', in: 'header', required: false, schema: { type: 'string' } };

const cacheHeaders = {
  ETag: { schema: { type: 'string' } },
  'Cache-Control': { schema: { type: 'string' } },
};
