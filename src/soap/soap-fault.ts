import type { ErrorBody } from '@usher/contract';
import { namespace } from './soap-contract.js';
import { type SoapVersion, soapNamespaces } from './soap-envelope.js';
import { escapeXml } from './xml-text.js';

/** A SOAP fault, which contains the contract's error as its detail. */
export interface SoapFault {
  /** HTTP status. SOAP 1.1 requires 500 for every fault. SOAP 1.2 uses 400 for errors of the caller. */
  readonly status: number;
  readonly xml: string;
}

/** Writes a fault. The SOAP package cannot write it, because a fault is also needed if the call could not be read. */
export function soapFault(version: SoapVersion, error: ErrorBody): SoapFault {
  const isCallerError = error.status < 500;
  const { type: _, code, title, status, ...fields } = error;
  const detail = `<Error xmlns="${namespace}">${elements({ code, title, status, ...fields })}</Error>`;
  const reason = escapeXml(error.detail);
  const fault =
    version === '1.1'
      ? `<faultcode>soap:${isCallerError ? 'Client' : 'Server'}</faultcode><faultstring>${reason}</faultstring>` +
        `<detail>${detail}</detail>`
      : `<soap:Code><soap:Value>soap:${isCallerError ? 'Sender' : 'Receiver'}</soap:Value></soap:Code>` +
        `<soap:Reason><soap:Text xml:lang="en">${reason}</soap:Text></soap:Reason><soap:Detail>${detail}</soap:Detail>`;
  return {
    status: version === '1.2' && isCallerError ? 400 : 500,
    xml:
      `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${soapNamespaces[version]}">` +
      `<soap:Body><soap:Fault>${fault}</soap:Fault></soap:Body></soap:Envelope>`,
  };
}

/** Writes fields as XML elements. A list becomes one element per item. Null is left out. */
const elements = (fields: object): string =>
  Object.entries(fields)
    .flatMap(([name, value]: [string, unknown]) =>
      (Array.isArray(value) ? value : [value]).map((item) => element(name, item)),
    )
    .join('');

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function element(name: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean' && !isObject(value))
    return '';
  return `<${name}>${isObject(value) ? elements(value) : escapeXml(String(value))}</${name}>`;
}
