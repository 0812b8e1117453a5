import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { toErrorBody } from './problem.js';

/** Acknowledges every failed client event with `{ ok: false, error }`. */
@Catch()
export class SocketErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(SocketErrorFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const error = toErrorBody(thrown, this.logger);
    // The acknowledgement's place among the arguments depends on whether the client sent a payload.
    const acknowledge = host.getArgs<unknown[]>().find((argument) => typeof argument === 'function');
    acknowledge?.({ ok: false, error });
  }
}
