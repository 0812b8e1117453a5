import { Controller, Get, Header } from '@nestjs/common';
import { asyncApiDocument } from './async-api.js';
import { eventsPage } from './events-page.js';
import type { Json } from './json-schemas.js';
import { openApiDocument } from './open-api.js';
import { restPage, restPageScript } from './rest-page.js';

const html = 'text/html; charset=utf-8';

/** The contract for machines and for people. The files of Swagger UI beside it are served by `setUpDocs`. */
@Controller()
export class DocsController {
  readonly #openApi = openApiDocument();
  readonly #asyncApi = asyncApiDocument();
  readonly #eventsPage = eventsPage(this.#asyncApi);

  @Get('openapi.json')
  openApi(): Json {
    return this.#openApi;
  }

  @Get('asyncapi.json')
  asyncApi(): Json {
    return this.#asyncApi;
  }

  @Get('docs')
  @Header('Content-Type', html)
  rest(): string {
    return restPage;
  }

  @Get('docs/events')
  @Header('Content-Type', html)
  events(): string {
    return this.#eventsPage;
  }

  @Get('docs/start.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  script(): string {
    return restPageScript;
  }
}
