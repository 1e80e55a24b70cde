import { setTimeout as sleep } from 'node:timers/promises';
import { connectPostgres } from '../../src/databases/postgres/postgres.js';
import { writeDeadlineMs } from '../../src/databases/retry.js';
import { startApiProcess, type ApiProcess, type ApiServers } from '../api-process.js';
import { isRefusedForNow } from '../call-api.js';
import { startClients, type Clients, type Heard } from './clients.js';
import { victimOf, type Victim } from './postmaster.js';
import { readBooks, readUnmarked } from './stored.js';
import { judge, type Verdict } from './verdict.js';

export interface DrillOptions {
  readonly kills: number;
  /** How long Postgres is away, but the second time: then it is longer than the API goes on trying, so that writers are told. */
  readonly down: number;
  readonly clients: number;
  readonly readers: number;
}

/** Milliseconds; those of the restart count from the moment that Postgres is launched again. */
export interface Outage {
  readonly down_ms: number;
  /** Until Postgres answers: it has to recover first. */
  readonly up_ms: number;
  /** Until the API answers a request that needs Postgres with a success. */
  readonly first_success_ms: number;
  /** Answers from the kill to that first success: `list 503 unavailable` → 20. */
  readonly answers: Readonly<Record<string, number>>;
}

export interface DrillReport extends Verdict {
  readonly outages: readonly Outage[];
  readonly acknowledged: { readonly bookings: number; readonly payments: number; readonly refunds: number };
  /** All answers of the drill, by what they are called above. */
  readonly answers: Readonly<Record<string, { readonly times: number; readonly slowest_ms: number }>>;
  /** Commits whose acknowledgement died with Postgres: done once, and told at the next attempt. */
  readonly replayed: number;
  /** Answers that are neither a success nor a 503 in the form of a problem with a Retry-After, and what clients found odd. */
  readonly unexpected: Readonly<Record<string, number>>;
  /** What the API logged as an error. */
  readonly api_faults: Readonly<Record<string, number>>;
  /** Paid appointments in MongoDB that do not say what the ledger says of them. */
  readonly unmarked: readonly string[];
  readonly synchronous_commit: string;
}

const steadyMs = 2_000;
/** How many payments and refunds of each client are done before the next kill; a slow machine takes longer for it. */
const steadyWork = 4;
const workMs = 60_000;
const recoveryMs = 60_000;

const say = ({ asked, answer: { status, code } }: Heard): string =>
  [asked, status === 0 ? 'no answer' : status, ...(code === null ? [] : [code])].join(' ');

function countsOf(values: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function answersOf(heard: readonly Heard[]): DrillReport['answers'] {
  const answers: Record<string, { times: number; slowest_ms: number }> = {};
  for (const one of heard) {
    const { times, slowest_ms } = answers[say(one)] ?? { times: 0, slowest_ms: 0 };
    answers[say(one)] = { times: times + 1, slowest_ms: Math.max(slowest_ms, Math.round(one.ms)) };
  }
  return answers;
}

const isSuccess = ({ answer: { status } }: Heard): boolean => status >= 200 && status < 300;
const movesMoney = ({ asked }: Heard): boolean => asked === 'pay' || asked === 'refund';
/** A booking is MongoDB's affair. */
const needsPostgres = ({ asked }: Heard): boolean => asked !== 'book';

/** Lets the clients work: for some time, and until they have got something done. */
async function work(clients: Clients, wanted: number, wait: (ms: number) => Promise<void>): Promise<void> {
  const from = clients.heard.length;
  const isDone = (one: Heard): boolean => movesMoney(one) && isSuccess(one);
  await wait(steadyMs);
  for (const deadline = performance.now() + workMs; performance.now() < deadline; await wait(50))
    if (clients.heard.slice(from).filter(isDone).length >= wanted) return;
  throw new Error(`The clients have not got ${wanted} payments and refunds done in ${workMs / 1000} s.`);
}

/** Kills Postgres once, brings it back after `downMs`, and waits until the API serves what needs it. */
async function outage(
  victim: Victim,
  api: ApiProcess,
  clients: Clients,
  downMs: number,
  wait: (ms: number) => Promise<void>,
): Promise<Outage> {
  const from = clients.heard.length;
  const killed = performance.now();
  await victim.kill();
  await wait(downMs);
  const down_ms = Math.round(performance.now() - killed);
  const { launched_at, up_ms } = await victim.restart();
  const isBack = (one: Heard): boolean => one.at > launched_at && needsPostgres(one) && isSuccess(one);
  for (const deadline = performance.now() + recoveryMs; performance.now() < deadline; await wait(10)) {
    api.assertAlive();
    const first = clients.heard.slice(from).find(isBack);
    if (!first) continue;
    const during = clients.heard.slice(from).filter(({ at }) => at <= first.at);
    const first_success_ms = Math.round(first.at - launched_at);
    return { down_ms, up_ms: Math.round(up_ms), first_success_ms, answers: countsOf(during.map(say)) };
  }
  throw new Error(`The API has served nothing of Postgres for ${recoveryMs / 1000} s after the restart.`);
}

/** The drill on servers of its own; `progress` is told each outage as it ends. */
export async function runDrill(
  servers: ApiServers,
  { kills, down, clients: count, readers }: DrillOptions,
  {
    signal,
    log,
    progress,
  }: { signal: AbortSignal; log: (line: string) => void; progress: (kill: number, outage: Outage) => void },
): Promise<DrillReport> {
  const wait = (ms: number): Promise<void> => sleep(ms, undefined, { signal });
  const failed = new AbortController();
  const mongodbUri = servers.mongodbUri.replace(/\/\w*\?/, '/drill?');
  const victim = victimOf({ ...servers, log });
  const api = await startApiProcess({ ...servers, mongodbUri }, { signal });
  const knex = connectPostgres(servers.postgresUri, { poolSize: 1 });
  let clients: Clients | undefined;
  try {
    const { rows } = await knex.raw<{ rows: { synchronous_commit: string }[] }>('show synchronous_commit');
    clients = await startClients(api.url, { count, readers }, AbortSignal.any([signal, failed.signal]));
    const outages: Outage[] = [];
    for (let kill = 1; kill <= kills; kill += 1) {
      await work(clients, count * steadyWork, wait);
      const downMs = kill === 2 ? Math.max(down * 1_000, writeDeadlineMs + 5_000) : down * 1_000;
      const seen = await outage(victim, api, clients, downMs, wait);
      outages.push(seen);
      progress(kill, seen);
    }
    await work(clients, count, wait);
    await clients.stop();
    api.assertAlive();
    const { told, heard, odd } = clients;
    const refused = heard.filter((one) => !isSuccess(one) && !isRefusedForNow(one.answer));
    return {
      outages,
      acknowledged: {
        bookings: told.bookings.length,
        payments: told.payments.length,
        refunds: told.refunds.length,
      },
      answers: answersOf(heard),
      replayed: heard.filter(({ answer }) => answer.isReplayed).length,
      unexpected: countsOf([...refused.map(say), ...odd]),
      unmarked: await readUnmarked(mongodbUri, knex, told),
      ...judge(told, await readBooks(knex)),
      api_faults: api.faults,
      synchronous_commit: rows[0]!.synchronous_commit,
    };
  } finally {
    failed.abort();
    await clients?.stop();
    await knex.destroy();
    await api.stop();
  }
}
