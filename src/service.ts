import type { Server } from 'node:http';
import { Server as Listener } from 'node:net';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import compression from 'compression';
import { queueOutcomeHeader, renewalHeader } from '@usher/contract';
import type { NextFunction, Request, Response } from 'express';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { DemoCatalogService } from './catalog/index.js';
import { createInvalidRequestError } from './common/invalid-request.js';
import { StartError } from './common/start-error.js';
import type { Config } from './config/config.js';
import { prepareDataFolder } from './config/data-folder.js';
import { type OpenDatabase, openDatabase } from './database/open-database.js';
import { NodeLifecycle, RealtimeGateway, UsherIoAdapter } from './realtime/index.js';
import { keepWebhookBodies } from './payments/webhook-bodies.js';
import { acceptLayouts } from './admin/index.js';
import { countRequests } from './access/index.js';
import { HttpErrorFilter } from './transport/http-error.filter.js';

/**
 * Longest headers of a request, its path included; a longer request is answered 431. A session's token has 300 bytes, and
 * proxies add a few hundred.
 */
const headerBytesMax = 8 * 1024;

/** Within this a node has left. Orchestrators kill after 10 s or later; the rest is for closing the database. */
const leaveMsMax = 8000;

/** The sockets of a node that leaves go to others over this time, and not all at once. */
const sendAwayMs = 3000;

/**
 * How long a node that leaves still accepts connections and reads calls. A client may have sent a call just before, and the
 * operating system resets connections that the node has not accepted yet when the node stops listening.
 */
const arrivingMs = 100;

/** A service that listens. */
export interface Service {
  /** Where, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Stops taking, finishes what runs, and stops the embedded database. Calling it again waits for the same end. */
  close(): Promise<void>;
}

/**
 * Starts everything: the database where it is embedded, the schema, the demo catalog, the sockets, the pages.
 *
 * @throws StartError that names what is wrong and the cure; nothing is left running then
 */
export async function startService(config: Config): Promise<Service> {
  if (config.databaseUrl === null) await prepareDataFolder(config.dataDir);
  const database = await openDatabase(config);
  try {
    const app = await createApp(config, database.url);
    try {
      if (config.shouldLoadDemo) await app.get(DemoCatalogService).load(new Date());
      await listen(app, config);
    } catch (error) {
      await app.close();
      throw error;
    }
    let closed: Promise<void> | null = null;
    if (config.databaseUrl !== null && config.paymentProvider === 'sandbox') {
      app.get(Logger).warn('PAYMENT_PROVIDER is sandbox: seats are booked and no money is taken');
    }
    return {
      url: (await app.getUrl()).replace('[::1]', 'localhost'),
      close: () => {
        closed ??= closeInOrder(app, database, config);
        return closed;
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function closeInOrder(app: NestExpressApplication, database: OpenDatabase, config: Config): Promise<void> {
  try {
    await leave(app, config);
    await app.close();
  } finally {
    await database.close();
  }
}

/**
 * Takes nobody new, answers what was asked, and sends the sockets to other nodes. What is not done in time is cut off:
 * orchestrators kill who takes longer.
 */
async function leave(app: NestExpressApplication, { redisUrls }: Config): Promise<void> {
  const lifecycle = app.get(NodeLifecycle);
  const server: Server = app.getHttpServer();
  lifecycle.startDraining();
  await delay(arrivingMs);
  // The timer may be late on a busy node. After a turn of the event loop, what had arrived by then is accepted.
  await setImmediate();
  // Connections that are open stay so for now: a call may be on its way on them.
  Listener.prototype.close.call(server);
  const done = async () => {
    await app.get(RealtimeGateway).sendAway(redisUrls ? sendAwayMs : 0);
    // Only now, because until here calls may arrive on open connections.
    await lifecycle.restCalls.whenIdle();
  };
  await Promise.race([done(), delay(leaveMsMax, undefined, { ref: false })]);
  server.closeAllConnections();
}

/** The application on a database that answers, before it listens. */
export async function createApp(config: Config, databaseUrl: string): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(config, databaseUrl), {
    // Until the real logger below: what Nest says of every route it maps is for nobody.
    logger: ['warn', 'error', 'fatal'],
    abortOnError: false,
  });
  app.disable('x-powered-by');
  Object.assign(app.getHttpServer(), { maxHeaderSize: headerBytesMax });
  const lifecycle = app.get(NodeLifecycle);
  app.use((_request: Request, response: Response, next: NextFunction) => {
    response.once('close', lifecycle.restCalls.begin());
    // The caller's next call goes to another node.
    if (lifecycle.isDraining) response.setHeader('Connection', 'close');
    next();
  });
  // Layouts and the web app shrink to a fifth or less. Answers of less than 1 kB, such as most snapshots, are left alone.
  app.use(compression({ threshold: 1024 }));
  // As with the sockets: maps are shown on other sites, and there are no cookies to ride on.
  app.enableCors({
    origin: '*',
    exposedHeaders: ['Allow', 'Date', 'ETag', 'Retry-After', renewalHeader, queueOutcomeHeader],
    maxAge: 86_400,
    preflightContinue: true,
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    // A preflight asks about CORS only. Any other OPTIONS asks what the path allows; `WebPages` answers that.
    const isPreflight = request.method === 'OPTIONS' && 'access-control-request-method' in request.headers;
    if (isPreflight) response.status(204).end();
    else next();
  });
  countRequests(app);
  keepWebhookBodies(app);
  app.useWebSocketAdapter(new UsherIoAdapter(app));
  app.useGlobalPipes(new StandardSchemaValidationPipe({ exceptionFactory: createInvalidRequestError }));
  app.useGlobalFilters(new HttpErrorFilter());
  acceptLayouts(app);
  await app.init();
  app.useLogger(app.get(Logger));
  return app;
}

async function listen(app: NestExpressApplication, { port, host }: Config): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null;
    if (code === 'EADDRINUSE') {
      throw new StartError(`PORT: ${port} on ${host} is in use: stop that program, or set PORT (0 takes a free one).`, {
        cause,
      });
    }
    if (code === 'EACCES')
      throw new StartError(`PORT: this user may not listen on ${port}: take one above 1023.`, { cause });
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartError(`HOST: ${host} is no address of this machine.`, { cause });
    }
    throw cause;
  }
}
