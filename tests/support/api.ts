import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { Middleware } from 'koa';
import { createHttp } from '../../src/serving.js';
import { readConfig, type Config } from '../../src/config.js';
import { startServer } from '../../src/http/server.js';
import type { Clock } from '../../src/lib/clock.js';
import { createLogger } from '../../src/lib/logger.js';
import type { Role } from '../../src/lib/actor.js';
import { openStores } from '../../src/stores.js';
import { openSystem, type System } from '../../src/system.js';
import { atTime, timeOfDrill } from '../../scripts/drill-clock.js';
import { createDatabase, type OwnDatabase } from '../../scripts/own-database.js';
import { createMake, timeHeader, type Make } from './make.js';
import { ownDatabases } from './own-databases.js';

/* A running API on a free port with databases of its own in the set and the Postgres of this test run. */

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, or text, or undefined when there was none. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test looks into any answer
  readonly body: any;
}

export interface Ask {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Sent as it is, whatever it is. */
  readonly raw?: string | Uint8Array;
}

type Verb = (path: string, ask?: Ask) => Promise<Answer>;

export interface TestApi {
  readonly url: string;
  readonly system: System;
  readonly clock: SettableClock;
  /** Paths are below /api unless they begin with `//`: `get('/patients')`, `get('//healthz')`. */
  readonly get: Verb;
  readonly post: Verb;
  readonly put: Verb;
  readonly patch: Verb;
  readonly delete: Verb;
  request(method: string, path: string, ask?: Ask): Promise<Answer>;
  /** An access token of an account with this role, made once; a doctor and a patient are linked to records of their own. */
  as(role: Role): Promise<string>;
  readonly make: Make;
  stop(): Promise<void>;
}

export interface SettableClock extends Clock {
  /** Stops the clock at this moment; undefined lets it run again. */
  set(at: Date | undefined): void;
}

function settableClock(): SettableClock {
  let fixed: Date | undefined;
  return { now: () => new Date(timeOfDrill() ?? fixed ?? Date.now()), set: (at) => void (fixed = at) };
}

/** `TEST_*_URI` are set by tests/support/stores.ts. */
function uriOf(name: 'TEST_MONGODB_URI' | 'TEST_POSTGRES_URI'): string {
  const uri = process.env[name];
  if (!uri) throw new Error(`${name} is not set: run the tests through npm test`);
  return uri;
}

export function testConfig(env: Record<string, string> = {}): Config {
  return readConfig({
    NODE_ENV: 'test',
    PORT: '0',
    BCRYPT_COST: '4',
    RATE_LIMIT_LOGIN: '100000',
    RATE_LIMIT_AUTH: '100000',
    RATE_LIMIT_WRITE: '1000000',
    LOGIN_ATTEMPTS: '100000',
    MAX_SESSIONS: '1000',
    RATE_LIMIT_READ: '1000000',
    JWT_SECRET: 'a secret that only the tests know: 0123456789',
    LOG_LEVEL: 'error',
    // Most tests ask for no report.
    MIRROR_MEGABYTES: '0',
    MIRROR_SNAPSHOT_MINUTES: '0',
    DATA_DIR: process.env['TEST_RUN_FOLDER'] ?? tmpdir(),
    MONGODB_URI: uriOf('TEST_MONGODB_URI'),
    POSTGRES_URI: uriOf('TEST_POSTGRES_URI'),
    ...env,
  });
}

/** A database of its own in the run's Postgres, empty or a copy of `template`; the URI that names it. */
export async function createTestDatabase(template?: string): Promise<OwnDatabase> {
  const made = await createDatabase(
    uriOf('TEST_POSTGRES_URI'),
    `t_${randomBytes(6).toString('hex')}`,
    template,
  );
  ownDatabases.add(made.name);
  return {
    ...made,
    async drop() {
      await made.drop();
      ownDatabases.delete(made.name);
    },
  };
}

/** A database with all tables, for many to begin as its copy: to migrate each of them takes longer. Its name. */
export async function makeTemplate(): Promise<string> {
  const { name, uri } = await createTestDatabase();
  const config = testConfig({ POSTGRES_URI: uri });
  const stores = await openStores(config, createLogger(config.logLevel), { dbName: name });
  await stores.connection.dropDatabase();
  await stores.close();
  return name;
}

/** A system (services, no HTTP) over databases of its own. */
export async function openTestSystem(
  env: Record<string, string> = {},
): Promise<{ system: System; clock: SettableClock; close(): Promise<void> }> {
  const database = await createTestDatabase(process.env['TEST_POSTGRES_TEMPLATE']);
  const clock = settableClock();
  const config = testConfig({ POSTGRES_URI: database.uri, ...env });
  const system = await openSystem({
    config,
    logger: createLogger(config.logLevel),
    clock,
    dbName: database.name,
  });
  return {
    system,
    clock,
    async close() {
      await system.around.stores.connection.dropDatabase();
      await system.close();
      await database.drop();
    },
  };
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : isJson ? JSON.parse(text) : text,
  };
}

/** `around` runs outside of all other middleware. */
export async function startApi(env: Record<string, string> = {}, around?: Middleware): Promise<TestApi> {
  const { system, clock, close } = await openTestSystem(env);
  const app = createHttp(system.parts, system.around, () => true);
  if (around) app.middleware.unshift(around);
  // A request that says when it is made: the clock of the API is ahead for it alone.
  app.middleware.unshift((ctx, next) => {
    const time = ctx.get(timeHeader);
    return time === '' ? next() : atTime(new Date(time), next);
  });
  const server = await startServer(app, { host: '127.0.0.1', port: 0 });
  system.parts.start();

  async function request(
    method: string,
    path: string,
    { token, body, headers = {}, raw }: Ask = {},
  ): Promise<Answer> {
    const address = path.startsWith('//') ? server.url + path.slice(1) : `${server.url}/api${path}`;
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(address, {
      method,
      headers: {
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent as string }),
      redirect: 'manual',
    }).catch((error: Error) => {
      // "fetch failed" alone does not say why.
      throw new Error(`${method} ${address}: ${String(error.cause)}`, { cause: error });
    });
    return read(response);
  }
  const verb =
    (method: string): Verb =>
    (path, ask) =>
      request(method, path, ask);
  const make = createMake(system, request);
  return {
    url: server.url,
    system,
    clock,
    request,
    get: verb('GET'),
    post: verb('POST'),
    put: verb('PUT'),
    patch: verb('PATCH'),
    delete: verb('DELETE'),
    as: make.token,
    make,
    async stop() {
      await server.stop();
      await close();
    },
  };
}
