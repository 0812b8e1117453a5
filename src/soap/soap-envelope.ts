import sax from 'sax';
import { DomainError } from '../common/domain-error.js';
import { invalidRequest } from '../common/invalid-request.js';
import { operations } from './soap-contract.js';

/** The versions of SOAP by the namespaces of their envelopes. */
export const soapNamespaces = {
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
} as const;
export type SoapVersion = keyof typeof soapNamespaces;

/** A call as it came, looked through. */
export interface Envelope {
  readonly version: SoapVersion;
  readonly xml: string;
}

/** Deeper elements than this are in no call. */
const depthMax = 16;

/** More elements than this are in no call. */
const elementsMax = 1000;

const refused = (message: string) => invalidRequest([{ message }]);

/**
 * Looks a call through before the SOAP package reads it, which takes much on trust: what may stand in a document but in no
 * call (entities above all, which can name files and grow without end) is refused, and so is every envelope that is not
 * one of ours.
 *
 * @throws DomainError `INVALID_REQUEST`
 */
export function readEnvelope(body: Buffer): Envelope {
  const xml = decoded(body);
  const reader = new EnvelopeReader();
  const parser = sax.parser(true, { xmlns: true, position: false });
  const never = (what: string) => () => {
    throw refused(`${what} are not taken`);
  };
  parser.ondoctype = never('document types');
  parser.onprocessinginstruction = ({ name }) => {
    if (name !== 'xml') throw refused('processing instructions are not taken');
  };
  parser.onopentag = (tag) => {
    if ('local' in tag) reader.open(tag);
  };
  parser.onclosetag = () => reader.close();
  try {
    parser.write(xml).close();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw refused(`must be XML: ${error instanceof Error ? error.message.split('\n')[0] : ''}`);
  }
  return { version: reader.version(), xml };
}

function decoded(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw refused('must be UTF-8');
  }
}

/** Follows the elements of an envelope. */
class EnvelopeReader {
  private readonly path: string[] = [];
  private count = 0;
  private found: SoapVersion | null = null;
  private operation: string | null = null;

  open({ local, uri, attributes }: sax.QualifiedTag): void {
    if (++this.count > elementsMax || this.path.length >= depthMax) throw refused('has too many elements');
    // The package takes names for keys of objects, and these two attributes for references between elements.
    if (local in Object.prototype) throw refused(`an element must not be called ${local}`);
    if ('id' in attributes || 'href' in attributes) throw refused('references between elements are not taken');
    if (this.path.length === 0) this.found = versionOf(local, uri);
    const parent = this.path.length === 2 ? this.path[1] : null;
    if (parent === 'Header') refuseUnknown(local, attributes);
    if (parent === 'Body') this.call(local);
    this.path.push(local);
  }

  close(): void {
    this.path.pop();
  }

  /** @throws DomainError `INVALID_REQUEST` when nothing was called */
  version(): SoapVersion {
    if (this.path.length > 0) throw refused('must be XML: it does not end');
    if (this.operation === null || this.found === null) throw refused('the Body must have a call');
    return this.found;
  }

  private call(local: string): void {
    if (this.operation !== null) throw refused('the Body must have one call');
    if (!operations.some((operation) => local === `${operation}Request`)) {
      throw refused(`the Body must have one of ${operations.map((name) => `${name}Request`).join(', ')}`);
    }
    this.operation = local;
  }
}

function versionOf(local: string, uri: string): SoapVersion {
  if (local === 'Envelope') {
    if (uri === soapNamespaces['1.1']) return '1.1';
    if (uri === soapNamespaces['1.2']) return '1.2';
  }
  throw refused('must be an Envelope of SOAP 1.1 or 1.2');
}

function refuseUnknown(local: string, attributes: Record<string, sax.QualifiedAttribute>): void {
  const must = Object.values(attributes).find((attribute) => attribute.local === 'mustUnderstand');
  if (must && must.value !== '0' && must.value !== 'false') throw refused(`the header ${local} is not understood here`);
}
