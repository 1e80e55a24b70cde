import { serialiser } from '../../../http/serialise.js';
import type { Clock } from '../../../lib/clock.js';
import {
  fileName,
  hasChart,
  mediaTypes,
  notAcceptableFormat,
  reportFormats,
  wholeOf,
  type ReportRenderers,
} from './formats.js';
import { reportResponse } from '../engine/reports.schema.js';
import type { Answered, Question } from '../engine/reports.service.js';
import type { NameOfPlace } from './reading.js';
import type { GoalsOf, NameOf } from '../engine/reports.serving.js';

/** What an answer can be put into a file as. */
export const fileFormats = ['json', 'csv', 'xlsx', 'pdf'] as const;
export type KeptFormat = (typeof fileFormats)[number];

export interface WholeFile {
  readonly content: Buffer;
  readonly filename: string;
  /** Its media type. */
  readonly type: string;
}

export const mediaTypeOf = (format: KeptFormat): string =>
  format === 'json' ? 'application/json' : mediaTypes[format];

/** An answer as a file that is kept. Throws `not_acceptable` for what does not go into the format. */
export const createReportFiles =
  ({
    clock,
    nameOf,
    nameOfPlace,
    rendering,
    goalsOf,
  }: {
    readonly clock: Clock;
    readonly nameOf: NameOf;
    readonly nameOfPlace: NameOfPlace;
    readonly rendering: ReportRenderers;
    readonly goalsOf: GoalsOf;
  }) =>
  async (
    { report, asked, asker, options }: Question,
    { answer }: Answered,
    format: KeptFormat,
    who: string,
  ): Promise<WholeFile> => {
    const type = mediaTypeOf(format);
    if (format === 'json') {
      const content = Buffer.from(serialiser(reportResponse(report))(answer));
      return { content, filename: fileName(report.id, asked, format), type };
    }
    const represent = reportFormats(report)[format];
    if (!represent) throw notAcceptableFormat('is not a format of this report');
    const { content, filename } = await represent(answer, {
      ...{ asked, at: clock.now(), nameOfPlace, rendering },
      goals: hasChart(type) ? await goalsOf(asker, report, asked) : undefined,
      who: await nameOf(who),
      asker: { user: who, signal: options.signal },
    });
    return { content: await wholeOf(content), filename, type };
  };

export type ReportFiles = ReturnType<typeof createReportFiles>;
