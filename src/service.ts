import type { Server } from 'node:http';
import { Server as Listener } from 'node:net';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import compression from 'compression';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { DemoCatalogService } from './catalog/index.js';
import { createInvalidRequestError } from './common/invalid-request.js';
import { StartError } from './common/start-error.js';
import type { Config } from './config/config.js';
import { StartLogger } from './logging.js';
import { prepareDataFolder } from './config/data-folder.js';
import { type OpenDatabase, openDatabase } from './database/open-database.js';
import { describeStoredSecrets, STORED_SECRETS, type StoredSecrets } from './database/stored-secrets.js';
import { assertRedisTls, NodeLifecycle, RealtimeGateway, UsherIoAdapter } from './realtime/index.js';
import { keepWebhookBodies } from './payments/webhook-bodies.js';
import { acceptLayouts } from './admin/index.js';
import { OperationsPort } from './operations/index.js';
import { countRequests, readBodies } from './access/index.js';
import { allowOrigins, answerPreflights } from './transport/cross-origin.js';
import { HttpErrorFilter } from './transport/http-error.filter.js';
import { limitConnections } from './transport/limit-connections.js';
import { limitPipelining } from './transport/limit-pipelining.js';
import { RawAnswers, requireHost } from './transport/raw-answers.js';
import { createSecurityHeaders } from './transport/security-headers.js';

/**
 * Maximum time for draining. Orchestrators kill a node at the earliest 10 s after they ask it to stop. The node needs
 * the rest of that time to close the database.
 */
const drainMsMax = 8000;

/** Time over which a draining node spreads the closing of its sockets, so that clients do not all reconnect at once. */
const sendAwayMs = 3000;

/**
 * Time for which a draining node still accepts connections and reads calls. A client may have sent a call just before
 * the node started to drain. When the node stops listening, the operating system resets the connections that the node
 * has not accepted yet.
 */
const lastArrivalsMs = 100;

/** A running service. */
export interface Service {
  /** The address, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** The address of the probes and metrics. It differs from {@link url} only if `OPERATIONS_PORT` is set. */
  readonly operationsUrl: string;
  /**
   * Refuses new calls, finishes running calls, and stops the embedded database. A second call returns the promise of
   * the first call.
   */
  close(): Promise<void>;
}

/**
 * Starts the service: starts the embedded database if no other is configured, migrates the schema, loads the demo
 * catalog if it is wanted, and listens for connections.
 *
 * @throws StartError whose message names the problem and the cure. After an error, nothing keeps running
 */
export async function startService(config: Config): Promise<Service> {
  if (config.databaseUrl === null) await prepareDataFolder(config.dataDir);
  await assertRedisTls(config);
  const database = await openDatabase(config);
  try {
    const app = await createApp(config, database.url);
    let operationsUrl: string | null;
    try {
      if (config.shouldLoadDemo) await app.get(DemoCatalogService).load(new Date());
      operationsUrl = await listen(app, config);
    } catch (error) {
      await app.close();
      throw error;
    }
    logStoredSecrets(app, config);
    let closed: Promise<void> | null = null;
    if (config.databaseUrl !== null && config.paymentProvider === 'sandbox') {
      app.get(Logger).warn('PAYMENT_PROVIDER is sandbox; seats are booked without taking money');
    }
    const url = (await app.getUrl()).replace('[::1]', 'localhost');
    return {
      url,
      operationsUrl: operationsUrl ?? url,
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

function logStoredSecrets(app: NestExpressApplication, config: Config): void {
  const text = describeStoredSecrets(app.get<StoredSecrets>(STORED_SECRETS), config);
  if (text === null) return;
  const logger = app.get(Logger);
  if (config.shouldEncryptSecrets) logger.log(text);
  else logger.warn(text);
}

async function closeInOrder(app: NestExpressApplication, database: OpenDatabase, config: Config): Promise<void> {
  try {
    await drain(app, config);
    await app.close();
  } finally {
    await database.close();
  }
}

/**
 * Drains the node: refuses new connections, answers the calls that have arrived, and moves the sockets to other nodes.
 * After {@link drainMsMax} it closes the remaining connections, because orchestrators kill a node that takes longer.
 */
async function drain(app: NestExpressApplication, { redisUrls }: Config): Promise<void> {
  const lifecycle = app.get(NodeLifecycle);
  const server: Server = app.getHttpServer();
  lifecycle.startDraining();
  await delay(lastArrivalsMs);
  // On a busy node, the timer may fire late. After one more turn of the event loop, the node has accepted all
  // connections that arrived until now.
  await setImmediate();
  // Open connections stay open for now, because a call may be on its way on them.
  Listener.prototype.close.call(server);
  const finishCalls = async () => {
    await app.get(RealtimeGateway).sendAway(redisUrls ? sendAwayMs : 0);
    // The node waits for REST calls last, because new calls may arrive on open connections during the step above.
    await lifecycle.restCalls.whenIdle();
  };
  await Promise.race([finishCalls(), delay(drainMsMax, undefined, { ref: false })]);
  server.closeAllConnections();
}

/** Creates the application on a running database. The application does not listen yet. */
export async function createApp(config: Config, databaseUrl: string): Promise<NestExpressApplication> {
  const module = AppModule.with(config, databaseUrl);
  const app = await NestFactory.create<NestExpressApplication>(module, new ExpressAdapter(createExpress()), {
    // This logger is used until `useLogger` below.
    logger: new StartLogger(),
    abortOnError: false,
    bodyParser: false,
  });
  limitConnections(app.getHttpServer(), config);
  limitPipelining(app);
  app.use(createSecurityHeaders(config));
  app.use(requireHost);
  app.get(OperationsPort).install(app);
  const lifecycle = app.get(NodeLifecycle);
  app.use((_request: Request, response: Response, next: NextFunction) => {
    response.once('close', lifecycle.restCalls.begin());
    // This header makes the client send its next call over a new connection, which goes to another node.
    if (lifecycle.isDraining) response.setHeader('Connection', 'close');
    next();
  });
  allowOrigins(app, config.corsOrigins);
  // The middlewares above this line set the headers of a refusal. All others follow, because a refusal must cost little.
  countRequests(app);
  answerPreflights(app);
  // Compression shrinks layouts and the files of the web app to a fifth or less. Answers below 1 kB, such as most
  // snapshots, are not compressed.
  app.use(compression({ threshold: 1024 }));
  keepWebhookBodies(app);
  app.useWebSocketAdapter(new UsherIoAdapter(app));
  app.useGlobalPipes(new StandardSchemaValidationPipe({ exceptionFactory: createInvalidRequestError }));
  app.useGlobalFilters(new HttpErrorFilter());
  acceptLayouts(app);
  readBodies(app);
  await app.init();
  new RawAnswers(config).install(app.getHttpServer());
  app.useLogger(app.get(Logger));
  return app;
}

/**
 * Creates the Express application. Its paths are case-sensitive and have no slash at their end, because a second spelling
 * of a path would get past the rules of a proxy, for example past a rule that hides `/metrics`.
 */
function createExpress(): Express {
  const application = express();
  application.disable('x-powered-by');
  application.enable('case sensitive routing');
  application.enable('strict routing');
  return application;
}

/** Listens on the main port, and before that on the operations port. @returns the URL of the operations port, or null */
async function listen(app: NestExpressApplication, { port, operationsPort, host }: Config): Promise<string | null> {
  const operationsUrl = await app
    .get(OperationsPort)
    .listen()
    .catch((cause: unknown) => rejectListening(cause, 'OPERATIONS_PORT', operationsPort, host));
  await app.listen(port, host).catch((cause: unknown) => rejectListening(cause, 'PORT', port, host));
  return operationsUrl;
}

/** @throws StartError that explains why the service cannot listen, or the cause if it is unknown */
function rejectListening(cause: unknown, setting: string, port: number | null, host: string): never {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  if (code === 'EADDRINUSE') {
    throw new StartError(
      `${setting}: another program uses port ${port} on ${host}. Stop that program, or set ${setting} to another port (0 for any free one).`,
      { cause },
    );
  }
  if (code === 'EACCES') {
    throw new StartError(
      `${setting}: this user may not listen on port ${port}. Set ${setting} to a number above 1023.`,
      { cause },
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    throw new StartError(`HOST: ${host} is not an address of this machine.`, { cause });
  }
  throw cause;
}
