import { hash } from 'node:crypto';
import { type ArgumentsHost, Catch, Logger } from '@nestjs/common';
import escapeHtml from 'escape-html';
import type { Request, Response } from 'express';
import { toErrorBody } from '../../transport/error-body.js';
import { HttpErrorFilter } from '../../transport/http-error.filter.js';

const styles = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif; }
main { max-width: 32rem; margin: 2rem auto; padding: 0 1.25rem; }
a { display: inline-block; padding: 0.625rem 0; }
`;

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', styles, 'base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Answers a failed sign-in with a page if a browser shows the answer, because people open these addresses as pages. Other
 * callers get the error of the contract.
 */
@Catch()
export class SignInErrorFilter extends HttpErrorFilter {
  private readonly signInLogger = new Logger(SignInErrorFilter.name);

  override catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    if (request.accepts(['json', 'html']) !== 'html') {
      super.catch(thrown, host);
      return;
    }
    const { status, title, detail } = toErrorBody(thrown, this.signInLogger);
    const response = http.getResponse<Response>();
    response.status(status).setHeader('Content-Security-Policy', policy).type('html').send(pageOf(title, detail));
  }
}

const pageOf = (title: string, detail: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escapeHtml(title)} · Usher</title>
    <style>${styles}</style>
  </head>
  <body>
    <main>
      <h1>${escapeHtml(title)}</h1>
      <p>${escapeHtml(detail)}</p>
      <a href="/gate">Back to the gate</a>
    </main>
  </body>
</html>`;
