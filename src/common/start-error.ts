/** The start cannot go on. The message is one line that names what is wrong and the cure; no stack is shown for it. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}
