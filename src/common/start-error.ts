/** The start cannot go on. The message is one line that names what is wrong and the cure; no stack is shown for it. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}

/** What to print of an error that ends the process: a {@link StartError}'s line, the stack of any other. */
export function describeFailure(error: unknown): string {
  if (error instanceof StartError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
