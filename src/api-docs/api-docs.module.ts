import { Module } from '@nestjs/common';
import { DocsController } from './docs.controller.js';

/** Serves the API documents: OpenAPI, AsyncAPI, and a page for each. */
@Module({ controllers: [DocsController] })
export class ApiDocsModule {}
