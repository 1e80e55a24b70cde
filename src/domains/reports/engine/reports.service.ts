import { toProblem } from '../../../http/middleware/problems.js';
import type { Actor } from '../../../lib/actor.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import { createFlights } from '../../../lib/flights.js';
import { laterOf, type LastWrite, type WriteTime } from '../../../lib/write-time.js';
import type { AnyReport, Asked, Merged, ReportQuery } from './reports.definition.js';
import { hide, hidesFrom, hidingFor, type Hiding } from './reports.hiding.js';
import { toldByParts, type Neighbours } from './reports.neighbours.js';
import { asKnownAt } from './reports.known-at.js';
import type { MirroredReports } from './reports.mirrored.js';
import { checkExplain, checkPath, confine } from './reports.policy.js';
import { asBound, createQuestions, questionDigest, type QuestionDeps } from './reports.questions.js';
import type { Turns } from './reports.turns.js';
import {
  type Asker,
  type ReportAnswer,
  type ReportEngine,
  type ReportPath,
  type Results,
  type Row,
  type Sources,
} from './reports.types.js';

export interface ReportsDeps extends QuestionDeps {
  readonly reports: readonly AnyReport[];
  readonly engine: ReportEngine;
  /** For whatever is summed from the records. */
  readonly turns: Turns;
  /** Left out where the process holds no rows. */
  readonly mirrored?: MirroredReports | undefined;
  /** For how long the records are summed up while the mirror is about to be in step; as long as it takes by default. */
  readonly catchingUpSeconds?: number | undefined;
  /** REP-11: the least count that everybody is shown; 0 (by default): all are. */
  readonly smallCells?: number | undefined;
  /** By which of the smaller places they can be asked for; none by default. */
  readonly scopesWithin?: Neighbours['scopesWithin'] | undefined;
  /** The newest write of this process. */
  lastWrite(): WriteTime | undefined;
}

export interface RunOptions {
  readonly explain?: boolean | undefined;
  readonly engine?: ReportEngine;
  /** Left out: the mirror, where it can answer, else the records. `mirror` throws `unavailable` where it cannot. */
  readonly path?: ReportPath | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
  /** How the answer is shown: see `sortsOf`. */
  readonly sort?: string | undefined;
  /** What the caller wrote last: it is in the answer. */
  readonly after?: LastWrite | undefined;
  /** The records of MongoDB as they were at that moment: to prove what was answered of it. */
  readonly at?: WriteTime | undefined;
}

/** A question that may be asked, with the way to its answer chosen. */
export interface Question {
  readonly report: AnyReport;
  readonly asked: Asked<ReportQuery>;
  readonly options: RunOptions;
  /** Whose turn it takes. */
  readonly asker: Asker;
  /** null: the asker sees every figure. */
  readonly hiding: Hiding | null;
  /** The same for the same question and what is hidden of its answer, no matter who asks and however it is answered. */
  readonly digest: string;
  /** Of the rows of the mirror that are to answer it: equal versions, equal answers. null when the records are. */
  readonly version: string | null;
  /** The mirror could answer it, and is not in step. */
  readonly isBehind: boolean;
}

export interface Answered {
  readonly answer: ReportAnswer;
  /** Of the rows of the mirror; null when the figures are summed from the records. */
  readonly version: string | null;
  /** At which the records of MongoDB were what these rows are. */
  readonly moment?: WriteTime | undefined;
}

type Reading = Awaited<ReturnType<ReportEngine['read']>>;

/** So many parts of a question are asked for at the most: the demo's reports of all time need some tens. */
const mostParts = 400;

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

const resultsOf = ({ mongodb, postgres }: Reading): Results => ({
  mongodb: mongodb?.rows ?? [],
  postgres: postgres?.rows ?? {},
});

/** Merges what was read and says how it was come by. */
function toAnswer(
  { report, asked, hiding, options: { explain } }: Question,
  how: {
    /** Its name. */
    readonly engine: string;
    readonly path: ReportPath;
    readonly reading: Reading;
    readonly behind_seconds: number;
    readonly merged: Merged<Row>;
    readonly merge_ms: number;
    readonly told: ReadonlySet<string>;
  },
): ReportAnswer {
  const { mongodb, postgres } = how.reading;
  const { rows_read, ...shown } = hide(report, how.merged, hiding, how.told);
  const ms = (reading: { ms: number } | null) => reading && rounded(reading.ms);
  return {
    report: report.id,
    parameters: { ...asked.query, ...(hiding?.limit !== undefined && { limit: hiding.limit }) },
    columns: report.columns,
    ...shown,
    provenance: {
      definition: `aggregations/${report.id}.ts`,
      version: report.version,
      parameters: asBound(asked),
      as_of: { mongodb: mongodb?.as_of ?? null, postgres: postgres?.as_of ?? null },
      behind_seconds: rounded(how.behind_seconds),
      rows_read,
      ...(asked.known_at && { known_at: asked.known_at }),
      engine: how.engine,
      path: how.path,
      engine_ms: { mongodb: ms(mongodb), postgres: ms(postgres), merge: rounded(how.merge_ms) },
      ...(explain ? { plans: { mongodb: mongodb?.plan ?? null, postgres: postgres?.plan ?? null } } : {}),
    },
  };
}

/** What the definition asks of the stores. */
function sourcesOf(report: AnyReport, asked: Asked<ReportQuery>): Sources {
  const { mongodb, ...others } = report.sources(asked as never);
  return mongodb ? { ...others, mongodb: asKnownAt(mongodb, asked.known_at) } : others;
}

export function createReportsService(deps: ReportsDeps) {
  const { reports } = deps;
  const questions = createQuestions(deps);
  const flights = createFlights<Answered>();

  function get(id: string): AnyReport {
    const report = reports.find((one) => one.id === id);
    if (!report) throw notFound('report');
    return report;
  }

  /** What a query, parsed by the report's own shape, asks. Throws `forbidden`, `not_found`, and `invalid_request` that names the parameter. */
  async function resolve(id: string, asker: Asker, query: ReportQuery) {
    const report = get(id);
    const namesDoctor = report.namesDoctor?.(query as never) ?? true;
    const asked = await questions.resolve(report, confine(asker, query, namesDoctor));
    const hidden = hidingFor(report, asker, asked, deps.smallCells ?? 0);
    return hidden ? { report, ...hidden } : { report, asked, hiding: null };
  }

  async function mirroredBy(
    report: AnyReport,
    asked: Asked<ReportQuery>,
    { path, after }: RunOptions,
  ): Promise<Pick<Question, 'version' | 'isBehind'>> {
    // Its rows say how it is now.
    const mirrored = path === 'definition' || asked.known_at ? undefined : deps.mirrored;
    const version = mirrored ? await mirrored.versionOf(report, asked, after) : null;
    if (path === 'mirror' && version === null)
      throw new Problem('unavailable', 'The mirror cannot answer this just now.', { retryAfter: 5 });
    return { version, isBehind: mirrored !== undefined && version === null };
  }

  /** Merges what was read; of diseases with what the answers to parts of the question tell, by the same way. */
  async function mergedOf(
    { report, asked, hiding }: Question,
    merge: () => Merged<object>,
    parts: Pick<Neighbours, 'rowsOf' | 'atOnce'>,
  ) {
    const start = performance.now();
    const merged = merge() as Merged<Row>;
    const merge_ms = performance.now() - start;
    const { scopesWithin = () => Promise.resolve([]) } = deps;
    const told =
      hiding && report.namesDiseases
        ? await toldByParts(report, asked, merged.rows, hiding.below, {
            ...parts,
            scopesWithin,
            most: mostParts,
          })
        : new Set<string>();
    return { merged, merge_ms, told };
  }

  /** From the rows that the process holds; null when they cannot answer after all. */
  async function fromMirror(question: Question, signal: AbortSignal | undefined): Promise<Answered | null> {
    const reading = (await deps.mirrored?.read(question.report, question.asked, signal)) ?? null;
    if (!reading) return null;
    const { behind_seconds, version, moment, merge } = reading;
    const { report } = question;
    let isGone = false;
    const merged = await mergedOf(question, merge, {
      async rowsOf(part) {
        const read = await deps.mirrored!.read(report, part, signal);
        isGone ||= read === null;
        return (read?.merge().rows ?? []) as readonly Row[];
      },
      atOnce: 4,
    });
    if (isGone) return null;
    return {
      answer: toAnswer(question, { engine: 'duckdb', path: 'mirror', reading, behind_seconds, ...merged }),
      ...{ version, moment },
    };
  }

  /** From every record that counts, when it is its turn. */
  async function fromRecords(question: Question, signal: AbortSignal | undefined): Promise<Answered> {
    const { report, asked, options } = question;
    const { explain = false, engine = deps.engine, at } = options;
    // Anyone who joins has written no later than what this process has written by now.
    const after = laterOf(options.after?.time, deps.lastWrite());
    const read = (one: Asked<ReportQuery>) =>
      deps.turns.take(
        signal,
        () => engine.read(sourcesOf(report, one), { explain, signal, after, at }),
        question.asker.user_id,
      );
    const merge = (of: Reading, one: Asked<ReportQuery>): Merged<object> =>
      report.merge(resultsOf(of) as never, one as never);
    const reading = await read(asked);
    const merged = await mergedOf(question, () => merge(reading, asked), {
      rowsOf: async (part) => merge(await read(part), part).rows as readonly Row[],
      atOnce: 1,
    });
    const answer = toAnswer(question, {
      ...{ engine: engine.name, path: 'definition', reading, behind_seconds: 0, ...merged },
    });
    return { answer, version: null };
  }

  /** Of a mirror that will soon be in step, no longer than it takes: what the stores do for it keeps the mirror waiting. */
  async function whileBehind(question: Question, signal: AbortSignal | undefined): Promise<Answered> {
    const { report, asked, options } = question;
    const seconds = deps.mirrored?.isCatchingUp(report, asked) ? deps.catchingUpSeconds : undefined;
    if (seconds === undefined) return fromRecords(question, signal);
    const late = AbortSignal.timeout(seconds * 1000);
    try {
      return await fromRecords(question, signal ? AbortSignal.any([signal, late]) : late);
    } catch (error) {
      if (!late.aborted || signal?.aborted) throw error;
      const { version } = await mirroredBy(report, asked, options);
      const answered = version === null ? null : await fromMirror(question, signal);
      if (answered) return answered;
      throw new Problem('timed_out');
    }
  }

  async function compute(question: Question, signal: AbortSignal | undefined): Promise<Answered> {
    const isMirrored = question.version !== null;
    const answered = isMirrored ? await fromMirror(question, signal) : null;
    if (answered) return answered;
    if (!isMirrored && !question.isBehind) return fromRecords(question, signal);
    return whileBehind(question, signal).catch(tellBehind);
  }

  /** REP-8: what rows in step would have answered at once, and the records could not in time. */
  function tellBehind(error: unknown): never {
    if (toProblem(error)?.code !== 'timed_out') throw error;
    throw new Problem(
      'figures_behind',
      'The figures are not in step with the records yet, and to sum up the records took too long. Try again in a moment, or ' +
        'ask for a shorter period.',
      { retryAfter: 5 },
    );
  }

  /** See `resolve`; and `unavailable` when what `path` names cannot answer. */
  async function prepare(
    id: string,
    asker: Asker,
    query: ReportQuery,
    options: RunOptions = {},
  ): Promise<Question> {
    checkExplain(asker, options.explain);
    checkPath(asker, options.path);
    const { report, asked, hiding } = await resolve(id, asker, query);
    const digest = questionDigest(report, asked, hiding);
    const mirrored = await mirroredBy(report, asked, options);
    return { report, asked, hiding, options, asker, digest, ...mirrored };
  }

  /**
   * Answers a question, together with anyone who asks the same at the same time. Throws `busy`, the reason of the signal, and
   * lets the stores' time limits pass.
   */
  function answer(question: Question): Promise<Answered> {
    const { digest, version, options } = question;
    const { signal, after, at, explain, engine } = options;
    if (explain || at !== undefined || (engine && engine !== deps.engine)) return compute(question, signal);
    // Equal versions are equal figures, whenever they are read; of the records only a later reading has a later write.
    const key = version === null ? digest : `${digest} ${version}`;
    const since = version === null ? after?.heard_at : undefined;
    return flights.join(key, { signal, since }, (shared) => compute(question, shared));
  }

  const forActors = publicDoor({
    /** See `prepare`. */
    prepare: (actor: Actor, id: string, query: ReportQuery, options?: RunOptions): Promise<Question> =>
      prepare(id, actor, query, options),
    /** Whether questions about several places are refused: see `hidingFor`. */
    asksOnePlace: (actor: Actor): boolean => hidesFrom(actor, deps.smallCells ?? 0),
    /** See `answer`: what was prepared may be asked. */
    answer: (_actor: Actor, question: Question): Promise<Answered> => answer(question),
  });

  return {
    forActors,

    reports,
    get,
    prepare,
    answer,

    /** What the definition asks of the stores. Throws as `run` does. */
    async ask(id: string, asker: Asker, query: ReportQuery) {
      const { report, asked, hiding } = await resolve(id, asker, query);
      return { report, asked, hiding, sources: sourcesOf(report, asked) };
    },

    /** Answers the report `id`; throws what `prepare` and `answer` throw. */
    async run(id: string, asker: Asker, query: ReportQuery, options: RunOptions = {}): Promise<ReportAnswer> {
      return (await answer(await prepare(id, asker, query, options))).answer;
    },
  };
}

export type ReportsService = ReturnType<typeof createReportsService>;
