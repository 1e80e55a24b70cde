import pLimit from 'p-limit';
import type { Clock } from '../../../lib/clock.js';
import { loggable, type Logger } from '../../../lib/logger.js';
import type { Periodic } from '../../../lib/periodic.js';
import type { DriftCheck } from './reconciliation.check.js';
import type { ReconciliationRepository } from './reconciliation.repository.js';
import { scheduled } from './reconciliation.schedule.js';
import type {
  Drift,
  Example,
  KindReport,
  LastReconcile,
  ReconcileOptions,
  ReconcileReport,
} from './reconciliation.types.js';

export interface ReconciliationDeps {
  readonly checks: readonly DriftCheck[];
  readonly reconciliation: ReconciliationRepository;
  /** Both relays: what only waits for its turn is applied before anything is compared. */
  readonly outboxes: readonly { drain(withinMs?: number): Promise<void> }[];
  readonly clock: Clock;
  readonly logger: Logger;
}

const usualGraceMs = 60_000;
const drainMs = 60_000;
const exampleCount = 20;
/** Most of a repair is waiting for the majority of the replica set. */
const repairsAtOnce = 4;
/** Later than anything changes: nothing is on its way any more. */
const always = new Date(8.64e15);

type Options = ReconcileOptions & { readonly since: Date };

export function createReconciliationService(deps: ReconciliationDeps) {
  const { checks, reconciliation, outboxes, clock, logger } = deps;

  /** Those that still differ afterwards. One that cannot be repaired stops none of the others. */
  async function repair(check: DriftCheck, drifts: readonly Drift[], signal?: AbortSignal): Promise<Drift[]> {
    const limit = pLimit(repairsAtOnce);
    await limit.map(drifts, async ({ id }) => {
      signal?.throwIfAborted();
      await check.repair?.(id).catch((error: unknown) => {
        logger.warn({ kind: check.kind, id, error: loggable(error) }, 'a difference cannot be repaired');
      });
    });
    const ids = drifts.map(({ id }) => id);
    return [...(await check.recheck(ids, always))];
  }

  async function examine(check: DriftCheck, options: Options, done: number): Promise<KindReport> {
    const { apply, since, signal, onProgress } = options;
    const { kind, title, advice } = check;
    const [left, repaired]: [Example[], Example[]] = [[], []];
    const counts = { compared: 0, found: 0, left: 0 };
    for await (const { compared, suspects } of check.scan(since)) {
      signal?.throwIfAborted();
      counts.compared += compared;
      onProgress?.({ kind, compared: counts.compared, fraction: done / checks.length });
      const found = suspects.length > 0 ? await check.recheck(suspects, since) : [];
      if (found.length === 0) continue;
      const still = apply && check.repair ? await repair(check, found, signal) : found;
      const stillIds = new Set(still.map(({ id }) => id));
      counts.found += found.length;
      counts.left += still.length;
      left.push(...still.map((drift) => ({ ...drift, repaired: false })));
      repaired.push(
        ...found.filter(({ id }) => !stillIds.has(id)).map((drift) => ({ ...drift, repaired: true })),
      );
      for (const list of [left, repaired]) list.splice(exampleCount);
    }
    const examples = [...left, ...repaired].slice(0, exampleCount);
    return { kind, title, advice, ...counts, repaired: counts.found - counts.left, examples };
  }

  async function compareAll(options: ReconcileOptions): Promise<ReconcileReport> {
    const started = performance.now();
    for (const outbox of outboxes) await outbox.drain(drainMs);
    const at = clock.now();
    const since = new Date(at.getTime() - (options.graceMs ?? usualGraceMs));
    const wanted = checks.filter(({ kind }) => options.kinds?.includes(kind) ?? true);
    const kinds: KindReport[] = [];
    for (const check of wanted) {
      options.signal?.throwIfAborted();
      kinds.push(await examine(check, { ...options, since }, checks.indexOf(check)));
    }
    const total = (field: 'found' | 'repaired' | 'left') => kinds.reduce((sum, one) => sum + one[field], 0);
    const left = Object.fromEntries(kinds.map((one) => [one.kind, one.left]));
    await reconciliation.keep(left, wanted.length === checks.length ? at : null);
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
    const sums = { found: total('found'), repaired: total('repaired'), left: total('left') };
    return { at, seconds, applied: options.apply, kinds, ...sums };
  }

  /**
   * BILL-5: compares the stores, and with `apply` repairs what can be repaired; null when another process is at it. Throws
   * the signal's reason when it is stopped: what is repaired by then stays, and the next run goes on.
   */
  const run = (options: ReconcileOptions): Promise<ReconcileReport | null> =>
    reconciliation.alone(() => compareAll(options));

  const last = (): Promise<LastReconcile> => reconciliation.last();

  return {
    run,
    /** What was left of each kind when it was last looked for. */
    last,
    schedule: (everyMs: number): Periodic => scheduled({ run, last, clock, logger }, everyMs),
  };
}

export type ReconciliationService = ReturnType<typeof createReconciliationService>;
