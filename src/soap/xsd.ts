import { z } from 'zod';

type Json = Readonly<Record<string, unknown>>;

const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? { ...value } : {});
const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(object) : []);

const simpleTypes: Readonly<Record<string, string>> = {
  integer: 'xsd:long',
  number: 'xsd:double',
  boolean: 'xsd:boolean',
  string: 'xsd:string',
};

const formats: Readonly<Record<string, string>> = { 'date-time': 'xsd:dateTime', date: 'xsd:date' };

/** How often an element may occur. */
interface Occurrence {
  readonly isRequired: boolean;
  readonly isList?: boolean;
}

/**
 * Translates the contract's schemas to XML Schema. A list becomes a repeated element, and null becomes a missing
 * element. A schema with an id becomes a type with that name. An enumeration becomes a string, because the contract may
 * add values.
 */
export class XsdTypes {
  private readonly types = new Map<string, string>();

  /** The definitions of all named types that were used so far. */
  get complexTypes(): string {
    return [...this.types]
      .map(([name, content]) => `<xsd:complexType name="${name}">${content}</xsd:complexType>`)
      .join('\n');
  }

  /** Returns the content of an element whose value matches a schema. */
  contentOf(schema: z.ZodType): string {
    // The schema is wrapped in an object, because the outermost schema may be a reference to itself.
    const json = object(z.toJSONSchema(z.object({ schema }), { io: 'output' }));
    const defs = object(json['$defs']);
    const root = object(object(json['properties'])['schema']);
    return this.sequence(resolveReference(root, defs), defs);
  }

  private sequence(schema: Json, defs: Json): string {
    const members = list(schema['anyOf'] ?? schema['oneOf']);
    const shapes = members.length > 0 ? members.map((member) => resolveReference(member, defs)) : [schema];
    const fields = new Map<string, unknown>(shapes.flatMap((shape) => Object.entries(object(shape['properties']))));
    const isRequired = (name: string) =>
      shapes.every(({ required }) => Array.isArray(required) && required.includes(name));
    const elements = [...fields].map(([name, field]) => {
      // If a shape allows only null for the field, the type of the field is taken from another shape.
      const candidates = shapes.map((shape) => object(object(shape['properties'])[name]));
      const isNullable = candidates.some(({ type }) => type === 'null');
      const typed = candidates.find(
        ({ type, const: value }) => type !== 'null' && value !== null && (type ?? value) !== undefined,
      );
      return this.element(name, typed ?? object(field), defs, { isRequired: isRequired(name) && !isNullable });
    });
    return `<xsd:sequence>${elements.join('')}</xsd:sequence>`;
  }

  private element(name: string, schema: Json, defs: Json, occurrence: Occurrence): string {
    const notNull = list(schema['anyOf']).filter(({ type }) => type !== 'null');
    const [only] = notNull;
    if (only && notNull.length === 1) return this.element(name, only, defs, { ...occurrence, isRequired: false });
    if (schema['type'] === 'array') {
      return this.element(name, object(schema['items']), defs, { isRequired: false, isList: true });
    }
    if (Array.isArray(schema['type'])) {
      const type: unknown = schema['type'].find((candidate) => candidate !== 'null');
      return this.element(name, { ...schema, type }, defs, { ...occurrence, isRequired: false });
    }
    const { isRequired, isList = false } = occurrence;
    const occurrenceText = `${isRequired ? '' : ' minOccurs="0"'}${isList ? ' maxOccurs="unbounded"' : ''}`;
    const reference = referenceName(schema);
    if (reference !== null) {
      return `<xsd:element name="${name}" type="${this.typeName(reference, defs)}"${occurrenceText}/>`;
    }
    if (schema['properties'] !== undefined) {
      const content = `<xsd:complexType>${this.sequence(schema, defs)}</xsd:complexType>`;
      return `<xsd:element name="${name}"${occurrenceText}>${content}</xsd:element>`;
    }
    return `<xsd:element name="${name}" type="${simpleType(schema)}"${occurrenceText}/>`;
  }

  /** Returns the name of the type for a referenced schema, and defines the type on its first use. */
  private typeName(name: string, defs: Json): string {
    const schema = object(defs[name]);
    if (schema['properties'] === undefined && schema['anyOf'] === undefined && schema['oneOf'] === undefined) {
      return simpleType(schema);
    }
    if (!this.types.has(name)) {
      // The entry is set first, because the type may refer to itself.
      this.types.set(name, '');
      this.types.set(name, this.sequence(schema, defs));
    }
    return `tns:${name}`;
  }
}

/** Returns the name in a reference (`Movie` for `#/$defs/Movie`), or null if the schema is not a reference. */
const referenceName = ({ $ref }: Json): string | null => (typeof $ref === 'string' ? $ref.replace(/^.*\//, '') : null);

function resolveReference(schema: Json, defs: Json): Json {
  const name = referenceName(schema);
  return name === null ? schema : object(defs[name]);
}

function simpleType({ type, format }: Json): string {
  return formats[String(format)] ?? simpleTypes[String(type)] ?? 'xsd:string';
}
