import { IdParam } from '@usher/contract';
import { z } from 'zod';

/** A JSON schema or another part of a generated document. */
export type Json = Record<string, unknown>;

/** JSON Schema dialect of a document: OpenAPI 3.1 uses 2020-12, and AsyncAPI 3.0 uses draft-07. */
export type Dialect = 'draft-2020-12' | 'draft-07';

/**
 * Collects the named schemas of one document. A schema with a `.meta({ id })` is stored under its id, and the document
 * refers to it by `#/components/schemas/…`. A schema without an id is written in full at each place where it is used.
 */
export class SchemaComponents {
  readonly #schemas: Record<string, Json> = {};
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** The collected schemas by name, for the document's `components.schemas`. */
  get schemas(): Readonly<Record<string, Json>> {
    return this.#schemas;
  }

  /**
   * Returns the schema or a reference to it.
   *
   * @param io `input` for values that a caller sends, before defaults and transforms; `output` for values in answers
   * @throws Error if two different schemas have the same id
   */
  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    // The schema is wrapped in an object, because zod never turns the outermost schema into a reference.
    const target = this.#dialect;
    const written: Json = z.toJSONSchema(z.object({ schema }), { io, target, override: readable });
    const named = Object.entries(object(written[target === 'draft-07' ? 'definitions' : '$defs']));
    for (const [id, definition] of named) this.#keep(id, object(withPointers(definition)));
    return object(withPointers(object(written['properties'])['schema']));
  }

  /** Stores a schema that does not come from zod. Returns a reference to it. */
  add(id: string, schema: Json): Json {
    this.#keep(id, schema);
    return { $ref: `#/components/schemas/${id}` };
  }

  #keep(id: string, schema: Json): void {
    const known = this.#schemas[id];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`two different schemas have the id ${id}`);
    }
    this.#schemas[id] = schema;
  }
}

/** Makes zod's output easier for people to read. */
function readable({ zodSchema, jsonSchema }: { zodSchema: unknown; jsonSchema: Json }): void {
  if (zodSchema === IdParam) {
    // An id in a path or query arrives as text, but readers think of it as a number.
    delete jsonSchema['pattern'];
    Object.assign(jsonSchema, { type: 'integer', minimum: 1, description: 'Catalog id' });
  }
  // Answers may gain optional fields without a new version of the contract, so their schemas allow additional fields.
  if (jsonSchema['additionalProperties'] === false) delete jsonSchema['additionalProperties'];
  // The name of the format is enough. The regular expression of a format would take two lines.
  if (jsonSchema['format'] !== undefined) delete jsonSchema['pattern'];
  if (jsonSchema['minimum'] === Number.MIN_SAFE_INTEGER) delete jsonSchema['minimum'];
  if (jsonSchema['maximum'] === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum'];
  if ('example' in jsonSchema) {
    jsonSchema['examples'] = [jsonSchema['example']];
    delete jsonSchema['example'];
  }
}

/** Converts zod's references to references to the document's components. */
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

/** Returns a copy of a value that is an object, or an empty object for any other value. */
export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
