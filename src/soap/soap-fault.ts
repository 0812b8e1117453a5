import type { ErrorBody } from '@usher/contract';
import { namespace } from './soap-contract.js';
import { type SoapVersion, soapNamespaces } from './soap-envelope.js';
import { escaped } from './xml-text.js';

/** A refusal as SOAP has it, with the contract's error in its detail. */
export interface SoapFault {
  /** SOAP 1.1 wants 500 whatever it was; 1.2 has 400 for what the caller can change. */
  readonly status: number;
  readonly xml: string;
}

/** Writes a fault. It is needed also where no call was understood, so the package that reads calls does not write it. */
export function soapFault(version: SoapVersion, error: ErrorBody): SoapFault {
  const isCallers = error.status < 500;
  const { type: _, code, title, status, ...fields } = error;
  const detail = `<Error xmlns="${namespace}">${elements({ code, title, status, ...fields })}</Error>`;
  const reason = escaped(error.detail);
  const fault =
    version === '1.1'
      ? `<faultcode>soap:${isCallers ? 'Client' : 'Server'}</faultcode><faultstring>${reason}</faultstring>` +
        `<detail>${detail}</detail>`
      : `<soap:Code><soap:Value>soap:${isCallers ? 'Sender' : 'Receiver'}</soap:Value></soap:Code>` +
        `<soap:Reason><soap:Text xml:lang="en">${reason}</soap:Text></soap:Reason><soap:Detail>${detail}</soap:Detail>`;
  return {
    status: version === '1.2' && isCallers ? 400 : 500,
    xml:
      `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${soapNamespaces[version]}">` +
      `<soap:Body><soap:Fault>${fault}</soap:Fault></soap:Body></soap:Envelope>`,
  };
}

/** Fields as elements: a list is its element again and again, null is none. */
const elements = (fields: object): string =>
  Object.entries(fields)
    .flatMap(([name, value]: [string, unknown]) =>
      (Array.isArray(value) ? value : [value]).map((one) => element(name, one)),
    )
    .join('');

const isFields = (value: unknown): value is object => typeof value === 'object' && value !== null;

function element(name: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean' && !isFields(value))
    return '';
  return `<${name}>${isFields(value) ? elements(value) : escaped(String(value))}</${name}>`;
}
