import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { MethodNotAllowedError, toErrorBody } from './error-body.js';
import { sendError } from './send-error.js';

/** Answers each failed REST call with an `application/problem+json` body of the contract. */
@Catch()
export class HttpErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(HttpErrorFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const body = toErrorBody(thrown, this.logger);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (thrown instanceof MethodNotAllowedError) response.setHeader('Allow', thrown.allowed.join(', '));
    sendError(response, body);
  }
}
