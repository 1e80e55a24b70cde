import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../../../lib/errors.js';
import type { ReportQuery } from '../engine/reports.definition.js';
import type { ReportsService } from '../engine/reports.service.js';
import type { Asker, ReportAnswer } from '../engine/reports.types.js';
import { questionsFor } from './verification.questions.js';
import type { Facts, VerificationReader } from './verification.repository.js';

/** What answers fast, and must say what the records say. */
const fastPaths = ['rollups', 'mirror'] as const;
export type FastPathName = (typeof fastPaths)[number];

/** That it says something else. */
export interface Difference {
  readonly report: string;
  readonly query: ReportQuery;
  readonly path: FastPathName;
  readonly what: 'rows' | 'receipt' | 'rows_read';
  /** The first rows that differ, or all of what else it is. */
  readonly answered: unknown;
  readonly definition: unknown;
}

type Unlike = Pick<Difference, 'what' | 'answered' | 'definition'>;

export interface VerifiedReport {
  readonly report: string;
  readonly questions: number;
  /** Those that figures which are kept have answered, and those that the mirror has; for the others there is nothing to compare. */
  readonly by_rollups: number;
  readonly by_mirror: number;
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
  readonly paths?: readonly FastPathName[] | undefined;
  readonly onReport?: ((report: VerifiedReport) => void) | undefined;
}

const asker: Asker = { role: 'admin', doctor_id: null };

/** How long figures may take to be in step: they may be built just now. */
const patienceMs = 120_000;
/** In a database that is written to all the time the same state is met after some tries. */
const mostTries = 50;
/** Of the rows that differ, so many are told. */
const shownRows = 3;

function differencesOf(kept: ReportAnswer, summed: ReportAnswer): Unlike[] {
  const found: Unlike[] = [];
  const length = Math.max(kept.rows.length, summed.rows.length);
  const unlike = Array.from({ length }, (_, n) => n).filter(
    (n) => !isDeepStrictEqual(kept.rows[n], summed.rows[n]),
  );
  const told = unlike.slice(0, shownRows);
  if (told.length > 0)
    found.push({
      what: 'rows',
      answered: told.map((n) => kept.rows[n] ?? null),
      definition: told.map((n) => summed.rows[n] ?? null),
    });
  const pairs = {
    receipt: [kept.receipt, summed.receipt],
    rows_read: [kept.provenance.rows_read, summed.provenance.rows_read],
  } as const;
  for (const what of ['receipt', 'rows_read'] as const) {
    const [answered, definition] = pairs[what];
    if (!isDeepStrictEqual(answered, definition)) found.push({ what, answered, definition });
  }
  return found;
}

/** REP-8: compares what the figures that are kept, and the mirror, answer with what the records say. */
export function createVerification(
  service: ReportsService,
  reader: VerificationReader,
  /** Whether this process has one. */
  hasMirror: boolean,
) {
  /** Once all is in that was written so far. Throws `unavailable` when that takes too long. */
  async function fast(id: string, query: ReportQuery, path: FastPathName, signal: AbortSignal | undefined) {
    for (const deadline = Date.now() + patienceMs; ;) {
      const after = { time: await reader.now(), heard_at: performance.now() };
      try {
        const question = await service.prepare(id, asker, query, { path, after, signal });
        const { answer, version } = await service.answer(question);
        // While they are emptied, the records answer after all.
        if (version !== null) return { answer, version };
      } catch (error) {
        const isLate = error instanceof Problem && error.code === 'unavailable';
        if (!isLate || Date.now() > deadline) throw error;
      }
      await sleep(200, undefined, { signal });
    }
  }

  /** Throws `invalid_request` for a question that may not be asked. */
  async function pathsOf(id: string, query: ReportQuery): Promise<FastPathName[]> {
    const { report, asked } = await service.ask(id, asker, query);
    const answers = {
      rollups: report.rollups?.read(asked as never) !== undefined,
      mirror: hasMirror,
    };
    return fastPaths.filter((path) => answers[path]);
  }

  async function compare(
    id: string,
    query: ReportQuery,
    path: FastPathName,
    signal: AbortSignal | undefined,
  ): Promise<{ rows: number; differences: Unlike[] }> {
    for (let tries = 1; ; tries++) {
      const before = await fast(id, query, path, signal);
      const after = { time: undefined, heard_at: performance.now() };
      const summed = await service.run(id, asker, query, { path: 'definition', after, signal });
      const differences = differencesOf(before.answer, summed);
      // What was written meanwhile is in the one and not in the other, and has raised the version.
      const isSame =
        differences.length === 0 || (await fast(id, query, path, signal)).version === before.version;
      if (isSame || tries === mostTries) return { rows: summed.rows.length, differences };
    }
  }

  async function verify(
    id: string,
    facts: Facts,
    { sample, seed, signal, paths: only = fastPaths }: VerifyOptions,
  ) {
    const found = {
      ...{ report: id, questions: 0, by_rollups: 0, by_mirror: 0, rows: 0 },
      differences: [] as Difference[],
    };
    for (const query of questionsFor(service.get(id), facts, { sample, seed })) {
      signal?.throwIfAborted();
      try {
        const paths = (await pathsOf(id, query)).filter((path) => only.includes(path));
        found.questions += 1;
        for (const path of paths) {
          const { rows, differences } = await compare(id, query, path, signal);
          found[`by_${path}`] += 1;
          found.rows += rows;
          found.differences.push(...differences.map((one) => ({ report: id, query, path, ...one })));
        }
      } catch (error) {
        // Words that do not go together, such as a year beside from and to.
        if (!(error instanceof Problem && error.code === 'invalid_request')) throw error;
      }
    }
    return found;
  }

  return {
    /** Asks every report a sample of questions. Throws `unavailable` while the figures are not in step for two minutes. */
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
