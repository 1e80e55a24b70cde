import { setTimeout as sleep } from 'node:timers/promises';
import type { MongoClient } from 'mongodb';
import type { Config } from '../../src/config.js';
import type { MongodNode } from '../../src/databases/embedded/mongod-node.js';
import { createLogger } from '../../src/lib/logger.js';
import { drillClock } from '../drill-clock.js';
import { openSystem } from '../../src/system.js';
import { inject, waitUntilHealthy, type Fault } from './faults.js';
import { judge, readStored, type Verdict } from './verdict.js';
import { startWorkload, type Workload } from './workload.js';

interface DrillOptions {
  readonly fault: Fault;
  /** How long writers and the reader go on after the fault; the node comes back half-way. */
  readonly seconds: number;
  readonly writers: number;
}

/** Milliseconds count from the fault; null: it did not happen. */
export interface DrillRun extends Verdict {
  readonly acknowledged: number;
  readonly reads: number;
  readonly primary_lost_ms: number | null;
  readonly elected_ms: number | null;
  /** The first acknowledgement after the gap. */
  readonly resumed_ms: number;
  readonly node_back_ms: number;
  /** The longest time between two acknowledgements of any writers, that ends after the fault. */
  readonly gap_ms: number;
  readonly read_gap_ms: number;
  /** What callers saw, counted: `write unavailable` → 3. */
  readonly errors: Readonly<Record<string, number>>;
  /** Calls without an answer. */
  readonly hung: readonly string[];
}

const steadyMs = 2_000;

/** The longest pause between two of `times` (ascending) that ends after `since`, and when it ends. */
export function longestGap(times: readonly number[], since: number): { ms: number; end: number } {
  let longest = { ms: 0, end: since };
  for (let at = 1; at < times.length; at += 1) {
    const end = times[at]!;
    const ms = end - times[at - 1]!;
    if (end > since && ms > longest.ms) longest = { ms, end };
  }
  return longest;
}

function count(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

interface PrimarySeen {
  readonly address: string | null;
  readonly at: number;
}

interface TopologyChange {
  readonly newDescription: { readonly servers: ReadonlyMap<string, { readonly type: string }> };
}

/** Who the driver takes for the primary, each time that changes. */
async function watchPrimary(client: MongoClient): Promise<readonly PrimarySeen[]> {
  const hello = await client.db('admin').command({ hello: 1 });
  const seen: PrimarySeen[] = [{ address: hello['primary'] as string, at: performance.now() }];
  client.on('topologyDescriptionChanged', ({ newDescription: { servers } }: TopologyChange) => {
    const address = [...servers].find(([, { type }]) => type === 'RSPrimary')?.[0] ?? null;
    if (seen.at(-1)!.address !== address) seen.push({ address, at: performance.now() });
  });
  return seen;
}

/** When the primary of `start` was given up, and when there was one again. */
function changeAfter(
  seen: readonly PrimarySeen[],
  start: number,
): { lostAt: number | undefined; electedAt: number | undefined } {
  const later = seen.filter(({ at }) => at > start);
  return { lostAt: later[0]?.at, electedAt: later.find(({ address }) => address !== null)?.at };
}

/** One fault on a system of its own (databases of `config`), under load, and the verdict. */
export async function runDrill(
  config: Config,
  nodes: readonly MongodNode[],
  { fault, seconds, writers }: DrillOptions,
  signal: AbortSignal,
): Promise<DrillRun> {
  const wait = (ms: number): Promise<void> => sleep(ms, undefined, { signal });
  const system = await openSystem({ config, logger: createLogger('error'), clock: drillClock });
  let workload: Workload | undefined;
  try {
    const primaries = await watchPrimary(system.around.stores.connection.getClient());
    system.parts.start();
    workload = await startWorkload(system.parts, writers);
    await wait(steadyMs);
    const start = performance.now();
    const since = (at: number): number => Math.round(at - start);
    const bringBack = await inject(fault, nodes);
    await wait(seconds * 500);
    await bringBack();
    const back = performance.now();
    await wait(seconds * 500);
    await workload.stop();
    await waitUntilHealthy(nodes);
    const { acknowledged, acknowledgedAt, readAt, errors, hung } = workload.tally;
    const stored = await readStored(config.mongodbUri!, system.around.stores.knex);
    const { lostAt, electedAt } = changeAfter(primaries, start);
    const gap = longestGap(acknowledgedAt, start);
    return {
      acknowledged: acknowledged.length,
      reads: readAt.length,
      primary_lost_ms: lostAt === undefined ? null : since(lostAt),
      elected_ms: electedAt === undefined ? null : since(electedAt),
      resumed_ms: since(gap.end),
      node_back_ms: since(back),
      gap_ms: Math.round(gap.ms),
      read_gap_ms: Math.round(longestGap(readAt, start).ms),
      errors: count(errors),
      hung,
      ...judge(acknowledged, stored),
    };
  } finally {
    await workload?.stop();
    await system.close();
  }
}
