import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { ErrorBody } from '@usher/contract';
import type { Request, Response } from 'express';
import { toErrorBody } from '../transport/error-body.js';
import type { SoapVersion } from './soap-envelope.js';
import { soapFault } from './soap-fault.js';

/** What envelopes of each version are sent as. */
export const soapTypes: Readonly<Record<SoapVersion, string>> = {
  '1.1': 'text/xml; charset=utf-8',
  '1.2': 'application/soap+xml; charset=utf-8',
};

/** Which SOAP a caller speaks, as far as is known before its envelope is read. */
export const versionOf = (request: Request): SoapVersion => (request.is('application/soap+xml') ? '1.2' : '1.1');

export function sendFault(response: Response, version: SoapVersion, error: ErrorBody): void {
  const { status, xml } = soapFault(version, error);
  if ('retryAfterMs' in error) response.setHeader('Retry-After', Math.ceil(error.retryAfterMs / 1000));
  response.status(status).type(soapTypes[version]).send(xml);
}

/** What is refused before a call is read: too many of them, or a node that has too much to do. */
@Catch()
export class SoapFaultFilter implements ExceptionFilter {
  private readonly logger = new Logger(SoapFaultFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendFault(http.getResponse(), versionOf(http.getRequest()), toErrorBody(thrown, this.logger));
  }
}
