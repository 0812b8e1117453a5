import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Inject, Injectable, NotFoundException, type OnApplicationShutdown } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Express, NextFunction, Request, Response } from 'express';
import { formatHttpUrl } from '../common/listen-address.js';
import { CONFIG, type Config } from '../config/config.js';
import { RawAnswers } from '../transport/raw-answers.js';

/** Paths that only operators need. */
const operationsPath = /^\/(health|metrics)(\/|$)/;

/**
 * The port of its own for probes and metrics, if `OPERATIONS_PORT` is set. It keeps serving while the node drains, so
 * that an orchestrator sees when the node has finished.
 */
@Injectable()
export class OperationsPort implements OnApplicationShutdown {
  private server: Server | null = null;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /**
   * Makes the main port answer 404 for probes and metrics, and the own port answer 404 for everything else. Call this
   * before any other middleware is installed.
   */
  install(app: NestExpressApplication): void {
    if (this.config.operationsPort === null) return;
    const express: Express = app.getHttpAdapter().getInstance();
    const fromOwnPort = new WeakSet<IncomingMessage>();
    app.use((request: Request, _response: Response, next: NextFunction) => {
      next(operationsPath.test(request.path) === fromOwnPort.has(request) ? undefined : new NotFoundException());
    });
    this.server = createServer((request, response) => {
      fromOwnPort.add(request);
      express(request, response);
    });
    new RawAnswers(this.config).install(this.server);
  }

  /** Listens, and returns the URL. Returns null without a port of its own. @throws the error of Node's server */
  async listen(): Promise<string | null> {
    const { server, config } = this;
    if (server === null || config.operationsPort === null) return null;
    server.listen(config.operationsPort, config.host);
    await once(server, 'listening');
    return formatHttpUrl(server.address());
  }

  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }
}
