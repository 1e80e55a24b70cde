import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CommandStartedEvent } from 'mongodb';
import { say } from '../../scripts/command.js';
import { createLogger } from '../../src/lib/logger.js';
import { createHttp } from '../../src/serving.js';
import { openSystem, type System } from '../../src/system.js';
import { openConnection } from '../load/connection.js';
import { textOf } from '../load/load.js';
import type { Sized } from './systems.js';

/** A question that takes long enough for all to come while it is answered. */
const report = 'top-doctors';
const path = `/api/reports/${report}?path=definition`;
const readers = 32;

export interface Flight {
  readonly readers: number;
  /** Of each round. */
  readonly aggregations: readonly number[];
  /** Until the last of them had the answer, of each round. */
  readonly ms: readonly number[];
  /** Other answers than 200. */
  readonly unexpected: number;
}

export interface Verified {
  readonly questions: number;
  readonly rows: number;
  readonly differences: readonly {
    readonly report: string;
    readonly query: unknown;
    readonly what: string;
  }[];
}

/** A further process's view of the same databases, in this process: its commands can be listened to, and its limits are wide. */
export async function withObserver<T>({ system }: Sized, use: (observer: System) => Promise<T>): Promise<T> {
  const { config } = system.around;
  const { mongodbUri, database } = system;
  const separator = mongodbUri.includes('?') ? '&' : '?';
  const observer = await openSystem({
    config: {
      ...config,
      mongodbUri: `${mongodbUri}${separator}monitorCommands=true`,
      reports: { ...config.reports, seconds: 600 },
      // It would be saved while others are timed.
      mirror: { ...config.mirror, snapshotMinutes: 0 },
    },
    dbName: database,
    logger: createLogger('error'),
  });
  try {
    return await use(observer);
  } finally {
    await observer.close();
  }
}

/** Thirty-two ask for the same at once, of the definition, which nothing keeps. */
async function flight(
  observer: System,
  url: string,
  token: string,
): Promise<{ aggregations: number; ms: number; others: number }> {
  const { hostname, port, host } = new URL(url);
  const connections = Array.from({ length: readers }, () => openConnection(hostname, Number(port)));
  const request = (asked: string): string =>
    textOf({ path: asked, headers: { Authorization: `Bearer ${token}` } }, host);
  const askAll = (asked: string): Promise<string[]> =>
    Promise.all(connections.map((connection) => connection.ask(request(asked))));
  let aggregations = 0;
  const listen = ({ commandName, command }: CommandStartedEvent): void => {
    if (commandName === 'aggregate' && command['aggregate'] === 'appointments') aggregations += 1;
  };
  const client = observer.around.stores.connection.getClient();
  try {
    // So that they are connected, and known, before it counts.
    await askAll('/api/users/me');
    client.on('commandStarted', listen);
    const start = performance.now();
    const statuses = await askAll(path);
    const ms = performance.now() - start;
    return { aggregations, ms, others: statuses.filter((status) => status !== '200').length };
  } finally {
    client.off('commandStarted', listen);
    for (const connection of connections) connection.close();
  }
}

export async function measureFlights(
  observer: System,
  { token }: Sized,
  { rounds, signal }: { readonly rounds: number; readonly signal: AbortSignal },
): Promise<Flight> {
  say(`${rounds} rounds of ${readers} who ask for ${report} by its definition at once`);
  const answer = createHttp(observer.parts, observer.around, () => true).callback();
  const server = createServer((asked, reply) => void answer(asked, reply));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const flights: Awaited<ReturnType<typeof flight>>[] = [];
  try {
    await flight(observer, url, token);
    while (flights.length < rounds) {
      signal.throwIfAborted();
      flights.push(await flight(observer, url, token));
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return {
    readers,
    aggregations: flights.map((one) => one.aggregations),
    ms: flights.map(({ ms }) => ms),
    unexpected: flights.reduce((sum, { others }) => sum + others, 0),
  };
}

/** REP-8, by a sample of questions to each report, or to some. The mirror is started. */
export async function verify(
  observer: System,
  options: Parameters<System['parts']['verification']['verifyReports']>[0],
): Promise<Verified> {
  const verified = await observer.parts.verification.verifyReports(options);
  const sum = (of: (one: (typeof verified)[number]) => number): number =>
    verified.reduce((all, one) => all + of(one), 0);
  return {
    questions: sum(({ questions }) => questions),
    rows: sum(({ rows }) => rows),
    differences: verified.flatMap(({ differences }) =>
      differences.map(({ report: name, query, what }) => ({ report: name, query, what })),
    ),
  };
}
