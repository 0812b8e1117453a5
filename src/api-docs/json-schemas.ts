import { IdParam } from '@usher/contract';
import { z } from 'zod';

/** A JSON schema, or any other part of a document that is built here. */
export type Json = Record<string, unknown>;

/** The dialect that the document's standard reads: OpenAPI 3.1 has 2020-12, AsyncAPI 3.0 has draft-07. */
export type Dialect = 'draft-2020-12' | 'draft-07';

/**
 * The named schemas of one document. A schema with a `.meta({ id })` is kept under its id and referred to by
 * `#/components/schemas/…`; one without stands where it is used.
 */
export class SchemaComponents {
  readonly #schemas: Record<string, Json> = {};
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** The document's `components.schemas`, by name. */
  get schemas(): Readonly<Record<string, Json>> {
    return this.#schemas;
  }

  /**
   * The schema, or a reference to it.
   *
   * @param io `input`: what a caller sends, before defaults and transforms; `output`: what is answered
   * @throws Error when two different schemas have the same id
   */
  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    // Inside an object, because the outermost schema is never made a reference.
    const target = this.#dialect;
    const written: Json = z.toJSONSchema(z.object({ schema }), { io, target, override: readable });
    const named = Object.entries(object(written[target === 'draft-07' ? 'definitions' : '$defs']));
    for (const [id, definition] of named) this.#keep(id, object(withPointers(definition)));
    return object(withPointers(object(written['properties'])['schema']));
  }

  /** Keeps a schema that is not one of zod's and answers a reference to it. */
  add(id: string, schema: Json): Json {
    this.#keep(id, schema);
    return { $ref: `#/components/schemas/${id}` };
  }

  #keep(id: string, schema: Json): void {
    const known = this.#schemas[id];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`two different schemas are called ${id}`);
    }
    this.#schemas[id] = schema;
  }
}

/** What zod writes, in the words of someone who reads the page. */
function readable({ zodSchema, jsonSchema }: { zodSchema: unknown; jsonSchema: Json }): void {
  if (zodSchema === IdParam) {
    // Digits on the way in, a number to everyone who thinks about it.
    delete jsonSchema['pattern'];
    Object.assign(jsonSchema, { type: 'integer', minimum: 1, description: 'Catalog id' });
  }
  // A new optional field is no new version of the contract, so no answer is closed.
  if (jsonSchema['additionalProperties'] === false) delete jsonSchema['additionalProperties'];
  // The format says it; the pattern behind it is two lines of digits.
  if (jsonSchema['format'] !== undefined) delete jsonSchema['pattern'];
  if (jsonSchema['minimum'] === Number.MIN_SAFE_INTEGER) delete jsonSchema['minimum'];
  if (jsonSchema['maximum'] === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum'];
  if ('example' in jsonSchema) {
    jsonSchema['examples'] = [jsonSchema['example']];
    delete jsonSchema['example'];
  }
}

/** Turns zod's references into ones to the document's components. */
function withPointers(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(withPointers);
  if (typeof part !== 'object' || part === null) return part;
  const pointed = Object.entries(part).map(([key, value]) =>
    key === '$ref' && typeof value === 'string'
      ? [key, value.replace(/^#\/(\$defs|definitions)\//, '#/components/schemas/')]
      : [key, withPointers(value)],
  );
  return Object.fromEntries(pointed);
}

/** The same value, known to be an object; empty where there is none. */
export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
