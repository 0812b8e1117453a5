import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import type { Request, Response } from 'express';

/** Swagger UI as its package brings it, so that the page needs nothing from elsewhere. */
const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const files = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

/** Serves the files that the page `GET /docs` loads, and no other of their package. Call it before `listen`. */
export function setUpDocs(app: INestApplication): void {
  for (const file of files) {
    app.getHttpAdapter().get(`/docs/${file}`, (_request: Request, response: Response) => {
      response.sendFile(join(swaggerUi, file), { maxAge: '1d' });
    });
  }
}
