import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Header, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { createNotFoundError } from '../common/domain-error.js';
import { EncodedAnswer } from '../transport/encoded-answer.js';
import { asyncApiDocument } from './async-api.js';
import { eventsPage, eventsPageStyle } from './events-page.js';
import { openApiDocument } from './open-api.js';
import { restPage, restPageScript } from './rest-page.js';

const html = 'text/html; charset=utf-8';

/** Swagger UI needs inline styles and images in its style sheet. */
const restPagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const eventsPagePolicy =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Swagger UI is served from its package, so the page loads nothing from other servers. */
const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const swaggerUiFiles: ReadonlyMap<string, () => Promise<EncodedAnswer>> = new Map(
  ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'].map((name) => [
    name,
    EncodedAnswer.ofFile(join(swaggerUi, name)),
  ]),
);

/**
 * Building these documents took 100 ms. The contract cannot change while the process runs, so all services in one
 * process share them, and all callers get the same bytes.
 */
const asyncApiJson = asyncApiDocument();
const eventsHtml = eventsPage(asyncApiJson);
const openApi = EncodedAnswer.ofJson(openApiDocument());
const asyncApi = EncodedAnswer.ofJson(asyncApiJson);

/** Serves the contract to programs (OpenAPI, AsyncAPI) and to people (HTML pages). */
@Controller()
export class DocsController {
  @Get('openapi.json')
  async openApi(@Req() request: Request, @Res() response: Response): Promise<void> {
    await openApi.send(request, response);
  }

  @Get('asyncapi.json')
  async asyncApi(@Req() request: Request, @Res() response: Response): Promise<void> {
    await asyncApi.send(request, response);
  }

  @Get('docs')
  @Header('Content-Type', html)
  @Header('Content-Security-Policy', restPagePolicy)
  rest(): string {
    return restPage;
  }

  @Get('docs/events')
  @Header('Content-Type', html)
  @Header('Content-Security-Policy', eventsPagePolicy)
  events(): string {
    return eventsHtml;
  }

  @Get('docs/events.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  eventsStyle(): string {
    return eventsPageStyle;
  }

  @Get('docs/start.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  script(): string {
    return restPageScript;
  }

  /** Serves the files of Swagger UI that the page loads, and no others. @throws DomainError `NOT_FOUND` */
  @Get('docs/:file')
  async file(@Param('file') name: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const file = await swaggerUiFiles.get(name)?.();
    if (!file) throw createNotFoundError('page');
    response.setHeader('Cache-Control', 'public, max-age=86400');
    await file.send(request, response);
  }
}
