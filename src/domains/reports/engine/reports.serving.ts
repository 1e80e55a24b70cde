import { serialiser } from '../../../http/serialise.js';
import type { Representation, TaggedAnswer } from '../../../http/route.js';
import type { Clock } from '../../../lib/clock.js';
import { createCache } from './reports.cache.js';
import type { AnyReport, Asked, ReportQuery } from './reports.definition.js';
import type { NameOfPlace } from '../formats/reading.js';
import {
  hasChart,
  mediaTypes,
  reportRepresentations,
  wholeOf,
  type ReportRenderers,
} from '../formats/formats.js';
import { digestOf } from './reports.questions.js';
import { reportResponse } from './reports.schema.js';
import { sortedAnswer } from './reports.sorting.js';
import type { Answered, Question, ReportsService } from './reports.service.js';
import type { Asker, ChartGoals } from './reports.types.js';

type Tagged = Representation & { readonly etag: string };

const json = 'application/json';
/** Answers of these may be sent to anybody who asks the same; a workbook says who it was made for. */
const sameForAll = new Set<string>([json, mediaTypes.csv, mediaTypes.svg, mediaTypes.png]);

const room = { entries: 1_000, bytes: 32 * 1024 ** 2 };
/** A longer list is streamed, and not kept. */
const maxRowsKept = 2_000;

/** Equal tags, equal figures in one format: what was asked, and the version of the figures that answer it. */
const versionTag = (question: Question, version: string, type: string, goals?: ChartGoals): string =>
  digestOf(question.digest, question.options.sort, version, type, goals?.tag);

/** The same figures for the same question: when they were computed, and how fast, does not count. */
const contentTag = (
  { digest, options }: Question,
  { answer }: Answered,
  type: string,
  goals?: ChartGoals,
): string =>
  digestOf(digest, options.sort, answer.rows, answer.of, answer.totals, answer.receipt, type, goals?.tag);

/** The name of a user, for what says whom it was made for. */
export type NameOf = (user_id: string) => Promise<string>;

/** What the figures of a question are to be, for who may know it. */
export type GoalsOf = (
  asker: Asker,
  report: AnyReport,
  asked: Asked<ReportQuery>,
) => Promise<ChartGoals | undefined>;

interface ServingDeps {
  readonly service: ReportsService;
  readonly goalsOf: GoalsOf;
  readonly clock: Clock;
  readonly nameOf: NameOf;
  readonly nameOfPlace: NameOfPlace;
  readonly rendering: ReportRenderers;
}

/** Turns answered questions into what is sent, and keeps what was sent for anyone who asks the same. */
export function createServing({ service, goalsOf, clock, nameOf, nameOfPlace, rendering }: ServingDeps) {
  const cache = createCache<Tagged>(room);

  return (report: AnyReport) => {
    const representations = reportRepresentations(report);
    const write = serialiser(reportResponse(report));

    async function represent(
      question: Question,
      { answer }: Answered,
      type: string,
      who: string,
      goals: ChartGoals | undefined,
    ): Promise<Representation> {
      const { asked, options } = question;
      const { sort } = options;
      if (type === json) return { content: Buffer.from(write(sortedAnswer(answer, sort))) };
      const name = sameForAll.has(type) ? who : await nameOf(who);
      const asker = { user: who, signal: options.signal };
      const facts = { asked, sort, goals, who: name, at: clock.now(), nameOfPlace, rendering, asker };
      return representations[type]!(answer, facts);
    }

    async function keep({ content, filename, etag }: Tagged, rows: number): Promise<Tagged> {
      if (rows > maxRowsKept) return { content, etag, ...(filename && { filename }) };
      const whole = await wholeOf(content);
      const kept = { content: whole, etag, ...(filename && { filename }) };
      cache.set(etag, kept, whole.length);
      return kept;
    }

    /** Computes and represents; `etag` is that of the figures that came. */
    async function make(
      question: Question,
      type: string,
      who: string,
      goals: ChartGoals | undefined,
    ): Promise<Tagged> {
      const answered = await service.answer(question);
      const { version, answer } = answered;
      const etag =
        version === null
          ? contentTag(question, answered, type, goals)
          : versionTag(question, version, type, goals);
      const made = { ...(await represent(question, answered, type, who, goals)), etag };
      const keeps = version !== null && sameForAll.has(type) && !question.options.explain;
      return keeps ? keep(made, answer.rows.length) : made;
    }

    /**
     * The tag of figures that have a version is known before they are read, so that nothing is computed for the one who has them; what is
     * summed from the records is tagged by what came out.
     */
    return async (question: Question, type: string, who: string): Promise<TaggedAnswer> => {
      const { version, options, asker, asked } = question;
      const goals = hasChart(type) ? await goalsOf(asker, report, asked) : undefined;
      if (version !== null && !options.explain) {
        const etag = versionTag(question, version, type, goals);
        return { etag, content: async () => cache.get(etag) ?? make(question, type, who, goals) };
      }
      const made = await make(question, type, who, goals);
      return { etag: made.etag, content: () => Promise.resolve(made) };
    };
  };
}

export type Serving = ReturnType<typeof createServing>;
