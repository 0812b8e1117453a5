import { describeError } from './error-record.js';

/**
 * An error that prevents the start. Its message is one line that says what the problem is and how to fix it. Its stack
 * is not printed.
 */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}

/**
 * Returns the text to print for an error that ends the process. This is the message of a {@link StartError}, and the
 * stack of any other error. Passwords in URLs are left out.
 */
export function describeFailure(error: unknown): string {
  if (error instanceof StartError) return error.message;
  const { message, stack } = describeError(error);
  return stack ?? message;
}
