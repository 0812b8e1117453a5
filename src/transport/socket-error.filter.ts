import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { toErrorBody } from './error-body.js';

/** Acknowledges each failed client event with `{ ok: false, error }`. */
@Catch()
export class SocketErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(SocketErrorFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const error = toErrorBody(thrown, this.logger);
    // The position of the acknowledgement function depends on whether the client sent a payload.
    const acknowledge = host.getArgs<unknown[]>().find((argument) => typeof argument === 'function');
    acknowledge?.({ ok: false, error });
  }
}
