/**
 * An error that prevents the start. Its message is one line that names the problem and the cure. Its stack is not
 * printed.
 */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}

/**
 * Returns the text to print for an error that ends the process: the message of a {@link StartError}, otherwise the
 * stack.
 */
export function describeFailure(error: unknown): string {
  if (error instanceof StartError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
