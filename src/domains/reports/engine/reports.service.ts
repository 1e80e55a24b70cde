import type { Mirror } from '../../../databases/mirror/mirror.js';
import type { MirrorQuery, MirrorReading, MirrorSide } from '../../../databases/mirror/mirror.types.js';
import { toProblem } from '../../../http/middleware/problems.js';
import type { Actor } from '../../../lib/actor.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import { createFlights } from '../../../lib/flights.js';
import { laterOf, type LastWrite, type WriteTime } from '../../../lib/write-time.js';
import type { AnyReport, Asked, Merged, ReportQuery } from './reports.definition.js';
import { hide, hidingFor, type Hiding } from './reports.hiding.js';
import { asKnownAt } from './reports.known-at.js';
import { checkExplain, checkPath, confine } from './reports.policy.js';
import { asBound, createQuestions, questionDigest, type QuestionDeps } from './reports.questions.js';
import type { Turns } from './reports.turns.js';
import {
  type Asker,
  type PerStore,
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
  /** For whatever the mirror answers. */
  readonly mirrorTurns: Turns;
  /** Left out where the process has none. */
  readonly mirror?: Pick<Mirror, 'standing' | 'read'> | undefined;
  /** REP-11: the least count that everybody is shown; 0 (by default): all are. */
  readonly smallCells?: number | undefined;
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
  /** What the caller wrote last: it is in the answer. */
  readonly after?: LastWrite | undefined;
}

/** A question that may be asked, with the way to its answer chosen. */
export interface Question {
  readonly report: AnyReport;
  readonly asked: Asked<ReportQuery>;
  readonly options: RunOptions;
  /** Whose turn it takes. */
  readonly user: string | undefined;
  /** null: the asker sees every figure. */
  readonly hiding: Hiding | null;
  /** The same for the same question and what is hidden of its answer, no matter who asks and however it is answered. */
  readonly digest: string;
  /** The mirror answers it. */
  readonly isMirrored: boolean;
  /** Of the rows of the mirror that answer it: equal versions, equal answers. null when the records do. */
  readonly version: string | null;
  /** The mirror could answer it, and is not in step. */
  readonly isBehind: boolean;
}

export interface Answered {
  readonly answer: ReportAnswer;
  /** Of the rows of the mirror; null when the figures are summed from the records. */
  readonly version: string | null;
}

type Reading = Awaited<ReturnType<ReportEngine['read']>>;

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
    readonly as_of: PerStore<Date | null>;
    readonly behind_seconds: number;
    merge(): Merged<object>;
  },
): ReportAnswer {
  const { mongodb, postgres } = how.reading;
  const start = performance.now();
  const { rows_read, ...shown } = hide(report, how.merge() as Merged<Row>, hiding);
  const merge = rounded(performance.now() - start);
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
      as_of: how.as_of,
      behind_seconds: rounded(how.behind_seconds),
      rows_read,
      ...(asked.known_at && { known_at: asked.known_at }),
      engine: how.engine,
      path: how.path,
      engine_ms: { mongodb: ms(mongodb), postgres: ms(postgres), merge },
      ...(explain ? { plans: { mongodb: mongodb?.plan ?? null, postgres: postgres?.plan ?? null } } : {}),
    },
  };
}

/** Longer than a mirror that keeps up ever lags behind, and shorter than it takes to sum up the records. */
const mirrorMs = 2_000;

const versionOf = (standing: readonly { readonly version: string }[]): string =>
  standing.map(({ version }) => version).join('-');

/** The stores whose rows the mirror answers a report from. */
const sidesOf = ({ mirror }: AnyReport, asked: Asked<ReportQuery>): readonly MirrorSide[] =>
  mirror.of?.(asked as never) ?? ['mongodb'];

/** SQL counts in whole numbers of 64 bits. */
const plainRow = (row: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
  );

/** By what `sources` of the definition calls them. */
function resultsOfMirror({ results }: MirrorReading, row: (one: never) => object): Results {
  const { mongodb = { rows: [] }, ...postgres } = results;
  const plain = ({ rows }: { readonly rows: readonly Record<string, unknown>[] }) => rows.map(plainRow);
  return {
    mongodb: plain(mongodb).map((one) => row(one as never)),
    postgres: Object.fromEntries(Object.entries(postgres).map(([name, found]) => [name, plain(found)])),
  };
}

/** What the queries for one store's rows took. */
const msOf = ({ results: { mongodb, ...others } }: MirrorReading, side: MirrorSide): number =>
  side === 'mongodb' ? (mongodb?.ms ?? 0) : Object.values(others).reduce((sum, { ms }) => sum + ms, 0);

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
  ): Promise<Pick<Question, 'isMirrored' | 'version' | 'isBehind'>> {
    // Its rows say how it is now.
    const mirror = path === 'definition' || asked.known_at ? undefined : deps.mirror;
    const standing = mirror ? await mirror.standing(sidesOf(report, asked), after?.time, mirrorMs) : null;
    if (path === 'mirror' && !standing)
      throw new Problem('unavailable', 'The mirror cannot answer this just now.', { retryAfter: 5 });
    return {
      isMirrored: standing !== null,
      version: standing && versionOf(standing),
      isBehind: mirror !== undefined && !standing,
    };
  }

  /** From the rows that the process holds; null when they are being built anew. */
  async function fromMirror(question: Question, signal: AbortSignal | undefined): Promise<Answered | null> {
    const { report, asked } = question;
    const sides = sidesOf(report, asked);
    const { mongodb: documents, row = (one: never) => one, postgres, merge } = report.mirror;
    const ofDocuments = documents?.(asked as never);
    const queries: Record<string, MirrorQuery> = {
      ...postgres?.(asked as never),
      ...(ofDocuments && { mongodb: ofDocuments }),
    };
    const reading = await deps.mirrorTurns.take(signal, () => deps.mirror!.read(queries, sides, signal));
    if (!reading) return null;
    const results = resultsOfMirror(reading, row);
    const storeReading = (side: MirrorSide) =>
      sides.includes(side) ? { as_of: reading.standing[side].at, ms: msOf(reading, side) } : null;
    const [mongodb, ofPostgres] = [storeReading('mongodb'), storeReading('postgres')];
    const answer = toAnswer(question, {
      ...{ engine: 'duckdb', path: 'mirror' },
      as_of: { mongodb: mongodb?.as_of ?? null, postgres: ofPostgres?.as_of ?? null },
      behind_seconds: reading.behind_seconds,
      reading: {
        mongodb: mongodb && { ...mongodb, rows: results.mongodb },
        postgres: ofPostgres && { ...ofPostgres, rows: results.postgres },
      },
      merge: () => (merge ?? report.merge)(results as never, asked as never),
    });
    return { answer, version: versionOf(sides.map((side) => reading.standing[side])) };
  }

  /** From every record that counts, when it is its turn. */
  async function fromRecords(question: Question, signal: AbortSignal | undefined): Promise<Answered> {
    const { report, asked, options } = question;
    const { explain = false, engine = deps.engine } = options;
    // Anyone who joins has written no later than what this process has written by now.
    const after = laterOf(options.after?.time, deps.lastWrite());
    const reading = await deps.turns.take(
      signal,
      () => engine.read(sourcesOf(report, asked), { explain, signal, after }),
      question.user,
    );
    const answer = toAnswer(question, {
      ...{ engine: engine.name, path: 'definition', reading },
      as_of: { mongodb: reading.mongodb?.as_of ?? null, postgres: reading.postgres?.as_of ?? null },
      behind_seconds: 0,
      merge: () => report.merge(resultsOf(reading) as never, asked as never),
    });
    return { answer, version: null };
  }

  async function compute(question: Question, signal: AbortSignal | undefined): Promise<Answered> {
    const answered = question.isMirrored ? await fromMirror(question, signal) : null;
    if (answered) return answered;
    const summed = fromRecords(question, signal);
    return question.isMirrored || question.isBehind ? summed.catch(tellBehind) : summed;
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
    return { report, asked, hiding, options, user: asker.user_id, digest, ...mirrored };
  }

  /**
   * Answers a question, together with anyone who asks the same at the same time. Throws `busy`, the reason of the signal, and
   * lets the stores' time limits pass.
   */
  function answer(question: Question): Promise<Answered> {
    const { digest, version, options } = question;
    const { signal, after, explain, engine } = options;
    if (explain || (engine && engine !== deps.engine)) return compute(question, signal);
    // Equal versions are equal figures, whenever they are read; of the records only a later reading has a later write.
    const key = version === null ? digest : `${digest} ${version}`;
    const since = version === null ? after?.heard_at : undefined;
    return flights.join(key, { signal, since }, (shared) => compute(question, shared));
  }

  const forActors = publicDoor({
    /** See `prepare`. */
    prepare: (actor: Actor, id: string, query: ReportQuery, options?: RunOptions): Promise<Question> =>
      prepare(id, actor, query, options),
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
