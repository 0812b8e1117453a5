import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { ErrorBody } from '@usher/contract';
import type { Request, Response } from 'express';
import { toErrorBody } from '../transport/error-body.js';
import type { SoapVersion } from './soap-envelope.js';
import { soapFault } from './soap-fault.js';

/** Media type of the envelopes in each version of SOAP. */
export const soapTypes: Readonly<Record<SoapVersion, string>> = {
  '1.1': 'text/xml; charset=utf-8',
  '1.2': 'application/soap+xml; charset=utf-8',
};

/** Guesses the caller's version of SOAP from the media type. Later, the envelope determines the real version. */
export const versionOf = (request: Request): SoapVersion => (request.is('application/soap+xml') ? '1.2' : '1.1');

/** Sends an error as a fault, with the header `Retry-After` if the caller may retry. */
export function sendFault(response: Response, version: SoapVersion, error: ErrorBody): void {
  const { status, xml } = soapFault(version, error);
  if ('retryAfterMs' in error) response.setHeader('Retry-After', Math.ceil(error.retryAfterMs / 1000));
  response.status(status).type(soapTypes[version]).send(xml);
}

/** Answers with a fault if a request is refused before its call is read, for example because of overload. */
@Catch()
export class SoapFaultFilter implements ExceptionFilter {
  private readonly logger = new Logger(SoapFaultFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendFault(http.getResponse(), versionOf(http.getRequest()), toErrorBody(thrown, this.logger));
  }
}
