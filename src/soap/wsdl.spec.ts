import { describe, expect, it } from '@jest/globals';
import { SaxesParser } from 'saxes';
import { wsdl } from './wsdl.js';

/** Returns the elements of the WSDL with their attributes. */
function elementsOf(xml: string): Readonly<Record<string, string>>[] {
  const elements: Readonly<Record<string, string>>[] = [];
  const parser = new SaxesParser({ xmlns: false });
  parser.on('opentag', ({ name, attributes }) => {
    elements.push({ tag: name, ...attributes });
  });
  parser.write(xml).close();
  return elements;
}

describe('the WSDL', () => {
  const elements = elementsOf(wsdl('https://tickets.example/a&b/soap'));
  const field = (name: string) =>
    elements.find((element) => element['tag'] === 'xsd:element' && element['name'] === name);

  it('contains the service address for both versions of SOAP', () => {
    const addresses = elements.filter(({ tag }) => tag?.endsWith(':address'));
    expect(addresses).toEqual([
      { tag: 'soap:address', location: 'https://tickets.example/a&b/soap' },
      { tag: 'soap12:address', location: 'https://tickets.example/a&b/soap' },
    ]);
  });

  it('describes lists as repeated elements, nullable fields as optional, and numbers and times by their types', () => {
    expect(field('items')).toMatchObject({ type: 'tns:FoundMovie', minOccurs: '0', maxOccurs: 'unbounded' });
    expect(field('distanceKm')).toMatchObject({ type: 'xsd:double', minOccurs: '0' });
    expect(field('didYouMean')).toMatchObject({ type: 'xsd:string', minOccurs: '0' });
    expect(field('nextShowAt')).toEqual({ tag: 'xsd:element', name: 'nextShowAt', type: 'xsd:dateTime' });
    expect(field('releaseDate')).toMatchObject({ type: 'xsd:date', minOccurs: '0' });
    // A booking has this field while it is a hold, and not after the payment.
    expect(field('holdEndsAt')).toMatchObject({ type: 'xsd:dateTime', minOccurs: '0' });
    expect(field('retryAfterMs')).toMatchObject({ minOccurs: '0' });
  });

  it('defines every type that it refers to', () => {
    const types = new Set(
      elements.flatMap(({ tag, name }) => (tag === 'xsd:complexType' && name ? `tns:${name}` : [])),
    );
    const referencedTypes = elements.flatMap(({ tag, type }) =>
      tag === 'xsd:element' && type?.startsWith('tns:') ? type : [],
    );
    expect(types.size).toBeGreaterThan(5);
    expect(referencedTypes.filter((type) => !types.has(type))).toEqual([]);
  });
});
