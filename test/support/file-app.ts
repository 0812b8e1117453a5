import { afterAll, beforeAll, expect } from '@jest/globals';
import { decodeSeats, SeatMapWithCounts } from '@usher/contract';
import type pg from 'pg';
import type { z } from 'zod';
import type { Service } from '../../src/service.js';
import { startApp, type TestApp } from './app.js';
import { readJson } from './contract-shapes.js';
import { testEnvironment, testPool } from './database.js';
import { TestSocket } from './socket.js';
import { startTestService } from './service-host/start-test-service.js';

/** Maximum time until the service has started on a busy machine. */
const startTimeoutMs = 60_000;

interface FileAppOptions {
  /** Settings of the service, or a function that returns them after the earlier hooks of the file have run. */
  readonly env?: Record<string, string> | (() => Record<string, string>);
  /** Whether the database has the demo catalog. By default, its catalog is empty. */
  readonly demo?: boolean;
}

/** A service that all tests of a file share. Its properties can be read only after the service has started. */
export class FileApp {
  private running: { readonly app: TestApp; readonly pool: pg.Pool; readonly env: Record<string, string> } | null =
    null;
  private readonly sockets: TestSocket[] = [];
  private readonly nodes: Service[] = [];

  constructor(private readonly options: FileAppOptions) {}

  get url(): string {
    return this.started.app.url;
  }

  get databaseUrl(): string {
    return this.started.app.databaseUrl;
  }

  /** Connections to the database of the service. */
  get pool(): pg.Pool {
    return this.started.pool;
  }

  /** Reads a public path of the service. The answer must have the status 200 and match the schema. */
  async getJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return readJson(schema, await fetchOk(this.url, path));
  }

  /** Returns the status of every seat of a show, as the contract's status codes. */
  async readSeatStatuses(showId: number): Promise<number[]> {
    const { seats, seatCount } = await this.getJson(`/v1/shows/${showId}/seats`, SeatMapWithCounts);
    return [...decodeSeats(seats, seatCount)];
  }

  /** Connects a socket that is closed after the last test. @param url this service by default, or another node */
  async connect(options: Parameters<typeof TestSocket.connect>[1] = {}, url = this.url): Promise<TestSocket> {
    const socket = await TestSocket.connect(url, options);
    this.sockets.push(socket);
    return socket;
  }

  /**
   * Starts another node on the same database. The node is closed after the last test.
   *
   * @param env settings that differ from those of the first node
   */
  async startNode(env: Record<string, string> = {}): Promise<Service> {
    const node = await startTestService(testEnvironment(this.databaseUrl, { ...this.started.env, ...env }));
    this.nodes.push(node);
    return node;
  }

  async start(): Promise<void> {
    const { demo = false, env: settings = {} } = this.options;
    const env = typeof settings === 'function' ? settings() : settings;
    const app = await startApp({ demo, env });
    this.running = { app, env, pool: testPool(app.databaseUrl) };
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.close();
    for (const node of this.nodes) await node.close();
    await this.running?.pool.end();
    await this.running?.app.close();
  }

  private get started() {
    if (!this.running) throw new Error('the service has not started yet; use it in a test or in a later hook');
    return this.running;
  }
}

async function fetchOk(url: string, path: string): Promise<Response> {
  const answer = await fetch(url + path);
  expect({ path, status: answer.status }).toEqual({ path, status: 200 });
  return answer;
}

/** Settings for tests that send far more searches and listings than one caller may. */
export const manyCalls = { CALLS_PER_SECOND_MAX: '100000' } as const;

/** Starts a service before the first test of a file and closes it after the last test. */
export function setUpApp(options: FileAppOptions = {}): FileApp {
  const app = new FileApp(options);
  beforeAll(() => app.start(), startTimeoutMs);
  afterAll(() => app.close());
  return app;
}
