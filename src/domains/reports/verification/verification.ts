import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { isMomentGone } from '../../../databases/failures.js';
import { Problem } from '../../../lib/errors.js';
import type { WriteTime } from '../../../lib/write-time.js';
import type { ReportQuery } from '../engine/reports.definition.js';
import type { Question, ReportsService, RunOptions } from '../engine/reports.service.js';
import type { Asker, ReportAnswer } from '../engine/reports.types.js';
import { questionsFor } from './verification.questions.js';
import type { Facts, VerificationReader } from './verification.repository.js';

/** That the mirror says something else than the records. */
export interface Difference {
  readonly report: string;
  readonly query: ReportQuery;
  readonly what: 'rows' | 'of' | 'totals' | 'receipt' | 'rows_read';
  /** The first rows that differ, or all of what else it is. */
  readonly mirror: unknown;
  readonly definition: unknown;
}

type Unlike = Pick<Difference, 'what' | 'mirror' | 'definition'>;

export interface VerifiedReport {
  readonly report: string;
  readonly questions: number;
  readonly rows: number;
  readonly differences: readonly Difference[];
}

interface VerifyOptions {
  /** Questions for each report, at the most. */
  readonly sample: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** Only these; all by default. */
  readonly reports?: readonly string[] | undefined;
  readonly onReport?: ((report: VerifiedReport) => void) | undefined;
}

const asker: Asker = { role: 'admin', doctor_id: null };

/** How long the mirror may take to be in step: it may be built just now. */
const patienceMs = 120_000;
/** In a database that is written to all the time the same state is met after some tries. */
const mostTries = 50;
/** Of the rows that differ, so many are told. */
const shownRows = 3;

function differencesOf(mirrored: ReportAnswer, summed: ReportAnswer): Unlike[] {
  const found: Unlike[] = [];
  const length = Math.max(mirrored.rows.length, summed.rows.length);
  const unlike = Array.from({ length }, (_, n) => n).filter(
    (n) => !isDeepStrictEqual(mirrored.rows[n], summed.rows[n]),
  );
  const told = unlike.slice(0, shownRows);
  if (told.length > 0)
    found.push({
      what: 'rows',
      mirror: told.map((n) => mirrored.rows[n] ?? null),
      definition: told.map((n) => summed.rows[n] ?? null),
    });
  const pairs = {
    of: [mirrored.of, summed.of],
    totals: [mirrored.totals, summed.totals],
    receipt: [mirrored.receipt, summed.receipt],
    rows_read: [mirrored.provenance.rows_read, summed.provenance.rows_read],
  } as const;
  for (const what of ['of', 'totals', 'receipt', 'rows_read'] as const) {
    const [mirror, definition] = pairs[what];
    if (!isDeepStrictEqual(mirror, definition)) found.push({ what, mirror, definition });
  }
  return found;
}

/** REP-8: compares what the mirror answers with what the records say. */
export function createVerification(service: ReportsService, reader: VerificationReader) {
  /** Once all is in that was written so far. Throws `unavailable` when that takes too long. */
  async function mirrored(id: string, query: ReportQuery, signal: AbortSignal | undefined) {
    for (const deadline = Date.now() + patienceMs; ;) {
      const after = { time: await reader.now(), heard_at: performance.now() };
      try {
        const question = await service.prepare(id, asker, query, { path: 'mirror', after, signal });
        const { answer, version, moment } = await service.answer(question);
        // While they are emptied, the records answer after all.
        if (version !== null) return { question, answer, version, moment };
      } catch (error) {
        const isLate = error instanceof Problem && error.code === 'unavailable';
        if (!isLate || Date.now() > deadline) throw error;
      }
      await sleep(200, undefined, { signal });
    }
  }

  /** What the records say to the same question, now or at a moment. */
  async function summed(question: Question, at: WriteTime | undefined): Promise<ReportAnswer> {
    const after = { time: undefined, heard_at: performance.now() };
    const options: RunOptions = { path: 'definition', after, at, signal: question.options.signal };
    return (await service.answer({ ...question, options, version: null, isBehind: false })).answer;
  }

  async function compare(
    id: string,
    query: ReportQuery,
    signal: AbortSignal | undefined,
  ): Promise<{ rows: number; differences: Unlike[] }> {
    for (let tries = 1; tries <= mostTries; tries++) {
      const held = await mirrored(id, query, signal);
      // Where all is written to all the time, MongoDB is asked for the moment of the mirror; Postgres can tell of now only.
      const at = tries > 1 ? held.moment : undefined;
      try {
        const answer = await summed(held.question, at);
        const differences = differencesOf(held.answer, answer);
        const isOfOneMoment = at !== undefined && answer.provenance.as_of.postgres === null;
        if (
          differences.length === 0 ||
          isOfOneMoment ||
          // What was written meanwhile is in the one and not in the other, and has raised the version.
          (await mirrored(id, query, signal)).version === held.version
        )
          return { rows: answer.rows.length, differences };
      } catch (error) {
        if (!isMomentGone(error)) throw error;
      }
    }
    throw new Problem(
      'unavailable',
      `${id}: the records have changed during each of ${mostTries} comparisons.`,
      {
        retryAfter: 60,
      },
    );
  }

  async function verify(id: string, facts: Facts, { sample, seed, signal }: VerifyOptions) {
    const found = {
      ...{ report: id, questions: 0, rows: 0 },
      differences: [] as Difference[],
    };
    for (const query of questionsFor(service.get(id), facts, { sample, seed })) {
      signal?.throwIfAborted();
      try {
        const { rows, differences } = await compare(id, query, signal);
        found.questions += 1;
        found.rows += rows;
        found.differences.push(...differences.map((one) => ({ report: id, query, ...one })));
      } catch (error) {
        // Words that do not go together, such as a year beside from and to.
        if (!(error instanceof Problem && error.code === 'invalid_request')) throw error;
      }
    }
    return found;
  }

  return {
    /** Asks every report a sample of questions. Throws `unavailable` while the mirror is not in step for two minutes. */
    async verifyReports(options: VerifyOptions): Promise<VerifiedReport[]> {
      const facts = await reader.facts();
      const verified: VerifiedReport[] = [];
      for (const { id } of service.reports) {
        if (options.reports && !options.reports.includes(id)) continue;
        const report = await verify(id, facts, options);
        options.onReport?.(report);
        verified.push(report);
      }
      return verified;
    },
  };
}

export type Verification = ReturnType<typeof createVerification>;
