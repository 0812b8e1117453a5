import { answerSchemas, callFields, ErrorDetail, namespace, operations } from './soap-contract.js';
import { escapeXml } from './xml-text.js';
import { XsdTypes } from './xsd.js';

type Fields = (typeof callFields)[keyof typeof callFields];

/** Bindings for both versions of SOAP. They have the same operations at the same address. */
const bindings = [
  { name: 'UsherSoap11', prefix: 'soap' },
  { name: 'UsherSoap12', prefix: 'soap12' },
] as const;

/** Creates the WSDL for partners' tools. @param address URL of the SOAP endpoint */
export function wsdl(address: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="Usher" targetNamespace="${namespace}" xmlns:tns="${namespace}"
    xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/">
<wsdl:types>
<xsd:schema targetNamespace="${namespace}" elementFormDefault="qualified">
${schema}
</xsd:schema>
</wsdl:types>
${operations.map(messages).join('\n')}
<wsdl:message name="Error"><wsdl:part name="error" element="tns:Error"/></wsdl:message>
<wsdl:portType name="UsherPort">
${operations.map(portOperation).join('\n')}
</wsdl:portType>
${bindings.map(binding).join('\n')}
<wsdl:service name="Usher">
${bindings.map(({ name, prefix }) => port(name, prefix, address)).join('\n')}
</wsdl:service>
</wsdl:definitions>
`;
}

function schemaText(): string {
  const types = new XsdTypes();
  const calls = operations.flatMap((operation) => [
    element(`${operation}Request`, callContent(callFields[operation])),
    element(`${operation}Response`, types.contentOf(answerSchemas[operation])),
  ]);
  return [...calls, element('Error', types.contentOf(ErrorDetail)), types.complexTypes].join('\n');
}

const element = (name: string, content: string): string =>
  `<xsd:element name="${name}"><xsd:complexType>${content}</xsd:complexType></xsd:element>`;

function callContent(fields: Fields): string {
  const elements = Object.entries(fields).map(([name, { type, isRequired, isList }]) => {
    const occurrence = `${isRequired ? '' : ' minOccurs="0"'}${isList ? ' maxOccurs="unbounded"' : ''}`;
    if (typeof type === 'string') return `<xsd:element name="${name}" type="xsd:${type}"${occurrence}/>`;
    const inner = `<xsd:complexType>${callContent(type.fields)}</xsd:complexType>`;
    return `<xsd:element name="${name}"${occurrence}>${inner}</xsd:element>`;
  });
  return `<xsd:sequence>${elements.join('')}</xsd:sequence>`;
}

const messages = (operation: string): string =>
  ['Request', 'Response']
    .map((part) => `${operation}${part}`)
    .map((name) => `<wsdl:message name="${name}"><wsdl:part name="parameters" element="tns:${name}"/></wsdl:message>`)
    .join('\n');

const portOperation = (operation: string): string => `<wsdl:operation name="${operation}">
<wsdl:input message="tns:${operation}Request"/><wsdl:output message="tns:${operation}Response"/>
<wsdl:fault name="Error" message="tns:Error"/>
</wsdl:operation>`;

const binding = ({ name, prefix }: (typeof bindings)[number]): string =>
  `<wsdl:binding name="${name}" type="tns:UsherPort">
<${prefix}:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
${operations.map((operation) => boundOperation(operation, prefix)).join('\n')}
</wsdl:binding>`;

const boundOperation = (operation: string, prefix: string): string => `<wsdl:operation name="${operation}">
<${prefix}:operation soapAction="${namespace}/${operation}" style="document"/>
<wsdl:input><${prefix}:body use="literal"/></wsdl:input><wsdl:output><${prefix}:body use="literal"/></wsdl:output>
<wsdl:fault name="Error"><${prefix}:fault name="Error" use="literal"/></wsdl:fault>
</wsdl:operation>`;

const port = (name: string, prefix: string, address: string): string =>
  `<wsdl:port name="${name}" binding="tns:${name}"><${prefix}:address location="${escapeXml(address)}"/></wsdl:port>`;

/** This must stay at the end of the file, because its initialization uses the constants above. */
const schema = schemaText();
