import { isAscii } from 'node:buffer';
import { SaxesParser, type SaxesAttributeNS, type SaxesTagNS } from 'saxes';
import { DomainError } from '../common/domain-error.js';
import { createInvalidRequestError } from '../common/invalid-request.js';
import { namespace, operations } from './soap-contract.js';
import { escapeXml } from './xml-text.js';

/** Namespace of the envelope in each version of SOAP. */
export const soapNamespaces = {
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
} as const;
export type SoapVersion = keyof typeof soapNamespaces;

/** A checked call. */
export interface Envelope {
  readonly version: SoapVersion;
  /** A new document with the call. The SOAP package reads this document and never the document of the caller. */
  readonly xml: string;
}

/** Maximum size of an unzipped document. A call with a token, ten seats and a SOAP header is much smaller. */
export const documentBytesMax = 16 * 1024;

/** Limits of a document. Every valid call stays far below them. */
const limits = {
  depth: 16,
  elements: 256,
  attributesPerElement: 32,
  attributes: 256,
  nameLength: 64,
  textLength: 4096,
} as const;

/** Maximum length of a parser error in an answer, because the parser may quote the document. */
const errorLengthMax = 200;

const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance';

const createRefusal = (message: string) => createInvalidRequestError([{ message }]);

/**
 * Reads a call and writes a new document for the SOAP package, because the package trusts its input. The reader stops at the
 * first error or exceeded limit, so a hostile document costs no more time than a long document.
 *
 * @throws DomainError `INVALID_REQUEST`
 */
export function readEnvelope(body: Buffer): Envelope {
  const reader = new EnvelopeReader();
  // Without an `error` handler, this parser throws at the first error.
  const parser = new SaxesParser({ xmlns: true });
  parser.on('xmldecl', ({ encoding }) => checkEncoding(encoding, body));
  parser.on('doctype', () => {
    throw createRefusal('document types are not accepted');
  });
  parser.on('processinginstruction', () => {
    throw createRefusal('processing instructions are not accepted');
  });
  parser.on('opentagstart', ({ name }) => reader.startTag(name));
  // The parser calls this handler while it reads a tag, so the limit stops a tag with thousands of attributes early.
  parser.on('attribute', ({ name }) => reader.countAttribute(name));
  parser.on('opentag', (tag) => reader.open(tag));
  parser.on('text', (text) => reader.addText(text));
  parser.on('cdata', (text) => reader.addText(text));
  parser.on('closetag', () => reader.close());
  try {
    parser.write(decodeUtf8(body)).close();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw createRefusal(`must be XML: ${error instanceof Error ? error.message.slice(0, errorLengthMax) : ''}`);
  }
  return reader.envelope();
}

function decodeUtf8(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw createRefusal('must be UTF-8');
  }
}

/** Accepts any declared encoding for an ASCII document, because some tools always declare the same encoding. */
function checkEncoding(encoding: string | undefined, body: Buffer): void {
  if (encoding === undefined || /^utf-?8$/i.test(encoding) || isAscii(body)) return;
  throw createRefusal(`must be UTF-8, not ${encoding.slice(0, limits.nameLength)}`);
}

/** An element of the call. */
interface CallElement {
  readonly name: string;
  readonly isNil: boolean;
  readonly children: CallElement[];
  text: string;
}

/** Tracks the open elements of an envelope and stores the elements of the call. */
class EnvelopeReader {
  /** Names of the open elements. The call and its fields are in {@link openElements} as well. */
  private readonly path: string[] = [];
  private readonly openElements: CallElement[] = [];
  private elementCount = 0;
  private attributeCount = 0;
  private attributesOfElement = 0;
  private version: SoapVersion | null = null;
  private call: CallElement | null = null;

  startTag(name: string): void {
    checkName(name);
    this.attributesOfElement = 0;
    if (++this.elementCount > limits.elements) throw createRefusal(`must have at most ${limits.elements} elements`);
    if (this.path.length >= limits.depth) throw createRefusal(`must have at most ${limits.depth} levels of elements`);
  }

  countAttribute(name: string): void {
    checkName(name);
    if (++this.attributesOfElement > limits.attributesPerElement) {
      throw createRefusal(`an element must have at most ${limits.attributesPerElement} attributes`);
    }
    if (++this.attributeCount > limits.attributes)
      throw createRefusal(`must have at most ${limits.attributes} attributes`);
  }

  open({ local, uri, attributes }: SaxesTagNS): void {
    const all = Object.values(attributes);
    // The package uses element names as object keys. It reads the attributes `id` and `href` as references between elements.
    if (local in Object.prototype) throw createRefusal(`an element must not be called ${local}`);
    if (all.some(({ name }) => name === 'id' || name === 'href')) {
      throw createRefusal('references between elements are not accepted');
    }
    if (this.path.length === 0) this.version = versionOf(local, uri);
    if (this.path.length === 2 && this.path[1] === 'Header') checkHeader(local, all);
    if (this.path.length >= 2 && this.path[1] === 'Body') this.openInBody(local, all);
    this.path.push(local);
  }

  /** Adds text to the open element. Text in the header is ignored, because the service does not read it. */
  addText(text: string): void {
    if (this.path[1] === 'Header') return;
    const element = this.openElements.at(-1);
    if (element) {
      element.text += text;
      if (element.text.length > limits.textLength) {
        throw createRefusal(`${element.name} must have at most ${limits.textLength} characters`);
      }
    } else if (text.trim() !== '') throw createRefusal('must have no text outside of the call');
  }

  close(): void {
    this.path.pop();
    const element = this.openElements.pop();
    if (!element || element.text.trim() === '') return;
    if (element.children.length > 0 || element === this.call) {
      throw createRefusal(`${element.name} must have no text between its elements`);
    }
  }

  /** Returns the checked call. @throws DomainError `INVALID_REQUEST` if the document calls no operation */
  envelope(): Envelope {
    if (this.call === null || this.version === null) throw createRefusal('the Body must have a call');
    const { name, children } = this.call;
    const call = `<${name} xmlns="${namespace}">${children.map(toXml).join('')}</${name}>`;
    const soap = soapNamespaces[this.version];
    const xml = `<soap:Envelope xmlns:soap="${soap}"><soap:Body>${call}</soap:Body></soap:Envelope>`;
    return { version: this.version, xml };
  }

  private openInBody(local: string, attributes: readonly SaxesAttributeNS[]): void {
    const isNil = attributes.some(
      ({ local: name, uri, value }) => name === 'nil' && uri === schemaInstance && (value === 'true' || value === '1'),
    );
    const element: CallElement = { name: local, isNil, children: [], text: '' };
    const parent = this.openElements.at(-1);
    if (parent) parent.children.push(element);
    else this.startCall(element);
    this.openElements.push(element);
  }

  private startCall(element: CallElement): void {
    if (this.call !== null) throw createRefusal('the Body must have one call');
    if (!operations.some((operation) => element.name === `${operation}Request`)) {
      throw createRefusal(`the Body must have one of ${operations.map((name) => `${name}Request`).join(', ')}`);
    }
    this.call = element;
  }
}

function checkName(name: string): void {
  if (name.length > limits.nameLength) throw createRefusal(`a name must have at most ${limits.nameLength} characters`);
}

/** Writes an element without its attributes. An element that is nil is left out. */
function toXml({ name, isNil, children, text }: CallElement): string {
  if (isNil) return '';
  const content = children.length > 0 ? children.map(toXml).join('') : escapeXml(text.trim());
  return `<${name}>${content}</${name}>`;
}

function versionOf(local: string, uri: string): SoapVersion {
  if (local === 'Envelope') {
    if (uri === soapNamespaces['1.1']) return '1.1';
    if (uri === soapNamespaces['1.2']) return '1.2';
  }
  throw createRefusal('must be an Envelope of SOAP 1.1 or 1.2');
}

function checkHeader(local: string, attributes: readonly SaxesAttributeNS[]): void {
  const mustUnderstand = attributes.find((attribute) => attribute.local === 'mustUnderstand');
  if (mustUnderstand && mustUnderstand.value !== '0' && mustUnderstand.value !== 'false') {
    throw createRefusal(`the header ${local} has mustUnderstand, but this service does not understand the header`);
  }
}
