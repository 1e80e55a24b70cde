import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { loggable, type Logger } from '../../../lib/logger.js';
import { within } from '../../../lib/within.js';
import { checkStatuses, type Check, type Operations, type Probe } from './operations.types.js';

interface OperationsDeps {
  readonly probes: readonly Probe[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** For how long anything is waited for; 2 s by default. */
  readonly patienceMs?: number;
}

const rank = ({ status }: Pick<Check, 'status'>): number => checkStatuses.indexOf(status);

/** What is wrong first; else as they come. */
const worstFirst = (checks: readonly Check[]): Check[] => [...checks].sort((a, b) => rank(a) - rank(b));

/** WEB-4: what an admin who operates the product looks at first. */
export function createOperationsService({ probes, clock, logger, patienceMs = 2_000 }: OperationsDeps) {
  /** Those that have not answered yet, however many have stopped waiting: a store in trouble is not asked more often. */
  const asked = new Map<Probe, Promise<readonly Check[]>>();
  function ask(probe: Probe, now: Date): Promise<readonly Check[]> {
    const looking = asked.get(probe) ?? probe.look(now).finally(() => asked.delete(probe));
    asked.set(probe, looking);
    return looking;
  }

  async function lookAt(probe: Probe, now: Date): Promise<readonly Check[]> {
    const { id, title, command } = probe;
    const failed = (detail: string): readonly Check[] => [
      { id, title, status: 'failed', since: now, detail, counts: {}, command },
    ];
    try {
      return await within(patienceMs, ask(probe, now), () =>
        failed(`It did not answer within ${patienceMs / 1000} seconds.`),
      );
    } catch (error) {
      logger.warn({ error: loggable(error), check: id }, 'a check of operations failed');
      return failed('It cannot be looked at: the log says why.');
    }
  }

  async function lookAtAll(): Promise<Operations> {
    const at = clock.now();
    const checks = worstFirst((await Promise.all(probes.map((probe) => lookAt(probe, at)))).flat());
    return { status: checks[0]?.status ?? 'ok', at, checks };
  }

  let looking: Promise<Operations> | undefined;

  return {
    forActors: publicDoor({
      /** Those who look at once share one look: stores that are in trouble are not asked more often. */
      look: (_actor: Actor): Promise<Operations> =>
        (looking ??= lookAtAll().finally(() => (looking = undefined))),
    }),
  };
}

export type OperationsService = ReturnType<typeof createOperationsService>;
