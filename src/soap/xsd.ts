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

/** How an element may come. */
interface Occurs {
  readonly isNeeded: boolean;
  readonly isList?: boolean;
}

/**
 * The contract's schemas as XML Schema. A list is its element again and again, null is no element, a schema with an id is
 * a type of that name, and words of an enumeration are text: another may be added.
 */
export class XsdTypes {
  private readonly types = new Map<string, string>();

  /** The named types that were needed so far. */
  get written(): string {
    return [...this.types]
      .map(([name, content]) => `<xsd:complexType name="${name}">${content}</xsd:complexType>`)
      .join('\n');
  }

  /** The content of an element that holds what a schema answers. */
  contentOf(schema: z.ZodType): string {
    // Inside an object, as the outermost schema may be a reference to itself.
    const json = object(z.toJSONSchema(z.object({ schema }), { io: 'output' }));
    const defs = object(json['$defs']);
    const whole = object(object(json['properties'])['schema']);
    return this.sequence(referred(whole, defs), defs);
  }

  private sequence(schema: Json, defs: Json): string {
    const members = list(schema['anyOf'] ?? schema['oneOf']);
    const shapes = members.length > 0 ? members.map((member) => referred(member, defs)) : [schema];
    const fields = new Map<string, unknown>(shapes.flatMap((shape) => Object.entries(object(shape['properties']))));
    const isNeeded = (name: string) =>
      shapes.every(({ required }) => Array.isArray(required) && required.includes(name));
    const elements = [...fields].map(([name, field]) => {
      // Of fields that one of several shapes has as null alone, that shape says nothing.
      const said = shapes.map((shape) => object(object(shape['properties'])[name]));
      const isNullable = said.some(({ type }) => type === 'null');
      const some = said.find(
        ({ type, const: value }) => type !== 'null' && value !== null && (type ?? value) !== undefined,
      );
      return this.element(name, some ?? object(field), defs, { isNeeded: isNeeded(name) && !isNullable });
    });
    return `<xsd:sequence>${elements.join('')}</xsd:sequence>`;
  }

  private element(name: string, schema: Json, defs: Json, occurs: Occurs): string {
    const others = list(schema['anyOf']).filter(({ type }) => type !== 'null');
    const [only] = others;
    if (only && others.length === 1) return this.element(name, only, defs, { ...occurs, isNeeded: false });
    if (schema['type'] === 'array') {
      return this.element(name, object(schema['items']), defs, { isNeeded: false, isList: true });
    }
    if (Array.isArray(schema['type'])) {
      const type: unknown = schema['type'].find((one) => one !== 'null');
      return this.element(name, { ...schema, type }, defs, { ...occurs, isNeeded: false });
    }
    const { isNeeded, isList = false } = occurs;
    const some = `${isNeeded ? '' : ' minOccurs="0"'}${isList ? ' maxOccurs="unbounded"' : ''}`;
    const named = referredName(schema);
    if (named !== null) return `<xsd:element name="${name}" type="${this.named(named, defs)}"${some}/>`;
    if (schema['properties'] !== undefined) {
      const content = `<xsd:complexType>${this.sequence(schema, defs)}</xsd:complexType>`;
      return `<xsd:element name="${name}"${some}>${content}</xsd:element>`;
    }
    return `<xsd:element name="${name}" type="${simple(schema)}"${some}/>`;
  }

  private named(name: string, defs: Json): string {
    const schema = object(defs[name]);
    if (schema['properties'] === undefined && schema['anyOf'] === undefined && schema['oneOf'] === undefined) {
      return simple(schema);
    }
    if (!this.types.has(name)) {
      this.types.set(name, ''); // it may refer to itself
      this.types.set(name, this.sequence(schema, defs));
    }
    return `tns:${name}`;
  }
}

/** `#/$defs/Movie` → `Movie`; null: it stands there itself. */
const referredName = ({ $ref }: Json): string | null => (typeof $ref === 'string' ? $ref.replace(/^.*\//, '') : null);

function referred(schema: Json, defs: Json): Json {
  const name = referredName(schema);
  return name === null ? schema : object(defs[name]);
}

function simple({ type, format }: Json): string {
  return formats[String(format)] ?? simpleTypes[String(type)] ?? 'xsd:string';
}
