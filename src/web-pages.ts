import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Inject, Injectable, NotFoundException, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Express, NextFunction, Request, Response } from 'express';
import { CONFIG, type Config } from './config/config.js';
import { cacheForever } from './transport/cache-control.js';
import { EncodedAnswer } from './transport/encoded-answer.js';
import { MethodNotAllowedError } from './transport/error-body.js';
import { createPagePolicy } from './transport/security-headers.js';

/** The folder of the built web app. Its relative path is the same from `src` and from `dist`. */
const webFolder = fileURLToPath(new URL('../libs/web/dist', import.meta.url));
const appPath = '/index.html';

/** The paths of the web app's pages. A test compares them with the routes in the app. */
export const pagePaths = [
  '/',
  '/cities/:city',
  '/cities/:city/movies/:movie',
  '/shows/:show',
  '/shows/:show/proof',
  '/bookings',
  '/bookings/:booking',
  '/gate',
  '/layouts/preview',
];

/**
 * Matches the paths that programs call. On any other path, a person who mistyped an address gets the web app's page for
 * unknown addresses.
 */
const programPath = /^\/(v1|soap|sandbox|health|metrics|docs|assets|socket\.io)(\/|$)/i;

/** The name of a file in this folder changes with its content, so browsers may keep the file forever. */
const assetsPath = '/assets/';

/** Serves the web app, and answers requests that match no route: 405 for a wrong method, otherwise 404. */
@Injectable()
export class WebPages implements OnModuleInit {
  private readonly files = findFiles();
  private readonly setPagePolicy: ReturnType<typeof createPagePolicy>;

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(CONFIG) config: Config,
  ) {
    this.setPagePolicy = createPagePolicy(config);
  }

  /** Nest calls this after it has registered the routes of the controllers, so the routes that it adds come last. */
  onModuleInit(): void {
    const app: Express = this.adapterHost.httpAdapter.getInstance();
    for (const path of pagePaths) {
      app.get(path, (request, response, next) => this.sendApp(request, response, next));
    }
    app.use((request: Request, response: Response, next: NextFunction) => this.sendFile(request, response, next));
    app.use((request: Request, response: Response, next: NextFunction) => {
      this.answerUnmatched(app, request, response, next);
    });
  }

  private answerUnmatched(app: Express, request: Request, response: Response, next: NextFunction): void {
    const { method, path } = request;
    const allowed = this.findMethods(app, path);
    if (allowed.length > 0 && method === 'OPTIONS') {
      response.setHeader('Allow', allowed.join(', '));
      response.status(204).end();
      return;
    }
    if (allowed.length > 0 && !allowed.includes(method)) {
      next(new MethodNotAllowedError(method, allowed));
      return;
    }
    const isPage = method === 'GET' || method === 'HEAD' ? isMistypedPage(request) : false;
    if (isPage) this.sendApp(request, response.status(404), next);
    else next(new NotFoundException());
  }

  private sendFile(request: Request, response: Response, next: NextFunction): void {
    const file = ['GET', 'HEAD'].includes(request.method) ? this.files.get(request.path) : undefined;
    if (!file || request.path === appPath) {
      next();
      return;
    }
    const isAsset = request.path.startsWith(assetsPath);
    response.setHeader('Cache-Control', isAsset ? cacheForever : 'public, max-age=0');
    // The policy of a worker's script limits what the worker may load.
    this.setPagePolicy(request, response, () => {
      file()
        .then((answer) => answer.send(request, response))
        .catch(next);
    });
  }

  private sendApp(request: Request, response: Response, next: NextFunction): void {
    const page = this.files.get(appPath);
    if (!page) {
      next(new NotFoundException());
      return;
    }
    response.setHeader('Cache-Control', 'public, max-age=0');
    this.setPagePolicy(request, response, () => {
      page()
        .then((answer) => answer.send(request, response))
        .catch(next);
    });
  }

  /** Returns the HTTP methods that a path supports. The list is empty if the path does not exist. */
  private findMethods(app: Express, path: string): string[] {
    const methods = new Set(this.files.has(path) ? ['GET'] : []);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Express's types lack the method `match`
    const layers = app.router.stack as unknown as readonly Layer[];
    for (const layer of layers) {
      // Nest registers some middleware as a route with every method. Such a route does not count.
      if (!layer.route || 'trace' in layer.route.methods || !layer.match(path)) continue;
      for (const method of Object.keys(layer.route.methods)) methods.add(method.toUpperCase());
    }
    if (methods.has('GET')) methods.add('HEAD');
    return methods.size === 0 ? [] : [...methods, 'OPTIONS'];
  }
}

/** Finds the files of the web app, by path. There are none if the app is not built. */
function findFiles(): ReadonlyMap<string, () => Promise<EncodedAnswer>> {
  if (!existsSync(webFolder)) return new Map();
  const entries = readdirSync(webFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [`/${relative(webFolder, file).replaceAll('\\', '/')}`, EncodedAnswer.ofFile(file)];
    }),
  );
}

/** The parts of an entry in Express's router that this file uses. */
interface Layer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

/**
 * Returns true if a request seems to come from a person's browser. Such a request prefers HTML, and its path contains
 * no dot and is not for programs.
 */
function isMistypedPage(request: Request): boolean {
  if (programPath.test(request.path) || request.path.includes('.')) return false;
  return request.accepts(['json', 'html']) === 'html';
}
