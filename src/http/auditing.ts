import type { Context } from 'koa';
import type { Actor } from '../lib/actor.js';
import { purposeOf, type Deed, type RecordAction } from '../lib/audited.js';
import { Problem } from '../lib/errors.js';
import { idPattern } from '../lib/fields.js';
import type { Trail } from '../lib/trail.js';
import { toProblem } from './middleware/problems.js';

/** An answer that is ready, and has not left. */
export interface Ready {
  /** Whose records it shows; undefined: nobody's. */
  readonly patient_ids: readonly string[] | undefined;
  leave(): Promise<void>;
}

/** What is no id is no record's, and is not written down. */
const asId = (value: unknown): string | null =>
  typeof value === 'string' && idPattern.test(value) ? value : null;

/** The facts of the request itself. Throws `invalid_request` for a purpose that is none. */
export const deedOf = (ctx: Context, action: RecordAction): Deed => ({
  action,
  subject: asId(Object.values((ctx['params'] ?? {}) as object)[0]),
  purpose: purposeOf(ctx.get('Purpose-Of-Use').trim()),
  address: ctx.ip,
  request_id: ctx.state['requestId'] as string,
  isEntered: false,
});

/** The patient whom a request itself names: of one that is refused, nothing else is known. */
function namedBy(ctx: Context): string[] {
  const places = [ctx['params'], ctx.request.body, ctx.query] as (Record<string, unknown> | undefined)[];
  const id = places.map((place) => asId(place?.['patient_id'])).find((found) => found !== null);
  return id === undefined || id === null ? [] : [id];
}

/** Whom it does not concern, what is not there, and what must not be now. A request that says nothing we understand asks for no record. */
const refusals: readonly number[] = [403, 404, 409, 410, 412, 422];

interface Audited {
  readonly trail: Trail;
  readonly deed: Deed;
  readonly actor: Actor | null;
  /** Whose records a refusal shows all the same: a form that is shown again. undefined: none. */
  again?(problem: Problem): Promise<readonly string[] | undefined>;
}

/**
 * Has `work` make an answer ready, and lets it leave when the trail has the request's entry: unless the service has written it in
 * the transaction of what it did. A refusal has an entry too.
 */
export async function answerAudited(
  ctx: Context,
  { trail, deed, actor, again }: Audited,
  work: () => Promise<Ready>,
): Promise<void> {
  let ready: Ready;
  try {
    ready = await work();
  } catch (error) {
    const problem = toProblem(error) ?? new Problem('internal_error');
    const shown = await again?.(problem);
    if (actor && (shown || refusals.includes(problem.status)))
      await trail.enter({ deed, actor, patient_ids: shown ?? namedBy(ctx), problem: problem.code });
    throw error;
  }
  const { patient_ids } = ready;
  if (patient_ids && !deed.isEntered) await trail.enter({ deed, actor, patient_ids, problem: null });
  await ready.leave();
}
