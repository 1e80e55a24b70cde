import type { Knex } from 'knex';
import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { reportCatalogue } from '../definitions/reports.catalogue.js';
import { createDrilldownService, type DrilldownService } from '../drilldown/drilldown.service.js';
import { createRecordsServing } from '../drilldown/drilldown.serving.js';
import { createNativeEngine, createReportLookups } from './reports.repository.js';
import type { ReadLimits } from './reports.mongodb.repository.js';
import { createReportFiles, type ReportFiles } from '../formats/files.js';
import type { Mirror } from '../../../databases/mirror/mirror.js';
import { createKeptQuestions, type KeptQuestions } from './reports.kept-questions.js';
import { createMirroredReports } from './reports.mirrored.js';
import { reportRoutes } from './reports.routes.js';
import { createReportsService, type ReportsDeps, type ReportsService } from './reports.service.js';
import { createServing, type GoalsOf, type NameOf, type Serving } from './reports.serving.js';
import { createTurns } from './reports.turns.js';
import { createVerification, type Verification } from '../verification/verification.js';
import { createVerificationReader } from '../verification/verification.repository.js';
import type { ReportRenderers } from '../formats/formats.js';
import type { NameOfPlace } from '../formats/reading.js';

export { createCache } from './reports.cache.js';
export { reportCatalogue } from '../definitions/reports.catalogue.js';
export { csvLine, toCsv } from '../formats/csv.js';
export { keptAnswer, keptParameters, parametersOf, reportQuery, reportResponse } from './reports.schema.js';
export { createTurns } from './reports.turns.js';
export type { Difference, Verification, VerifiedReport } from '../verification/verification.js';
export { createReportsService } from './reports.service.js';
export type { AnyReport, Asked, ReportQuery } from './reports.definition.js';
export type { Answered, Question, ReportsService } from './reports.service.js';
export {
  cellText,
  monthWords,
  createPlaceNames,
  figures,
  isFigure,
  shownColumns,
  sought,
  unitOf,
  withNames,
  type Sought,
} from '../formats/reading.js';
export { barsOf, chartOf, reportFormats, type FileFormat } from '../formats/formats.js';
export { mostRows } from './reports.hiding.js';
export { hiddenText, hiddenWords, shownRows, wordedRows } from './reports.small-cells.js';
export {
  fileFormats,
  mediaTypeOf,
  type KeptFormat,
  type ReportFiles,
  type WholeFile,
} from '../formats/files.js';
export type { KeptQuestions } from './reports.kept-questions.js';
export { daysOfPeriod, relativePeriods, type RelativePeriod } from './reports.relative-periods.js';
export { sorted, sortedAnswer, sortingOf, sortsOf } from './reports.sorting.js';
export type { Serving } from './reports.serving.js';
export { countTable } from '../drilldown/drilldown.counts.js';
export { readDrilldownKey } from '../drilldown/drilldown.key.js';
export { whoseRecords } from '../drilldown/drilldown.serving.js';
export type { DrilldownService } from '../drilldown/drilldown.service.js';
export { addsUp, allWords, hasTotal, totalLine } from './reports.totals.js';
export { behindWords, pathWords, placeParameters } from './reports.types.js';
export { digestOf } from './reports.questions.js';
export type { Asker, ChartGoals, Column, ReportAnswer, Row, Value } from './reports.types.js';

/** Each takes as many threads as there are: more at a time would be slower. */
const mirrorTurns = { atOnce: 4, inLine: 400 };

/** The least that the mirror is behind when it is not in step, and more than most questions take by the records. */
const catchingUpSeconds = 5;

/** The reports: their routes, and what commands, pages, jobs and saved reports ask them by. */
export function createReports(
  deps: Omit<
    ReportsDeps,
    'reports' | 'engine' | 'codesOfDisease' | 'turns' | 'mirrored' | 'catchingUpSeconds'
  > & {
    /** Left out where the process has none. */
    readonly mirror?: Mirror | undefined;
    readonly connection: Connection;
    readonly knex: Knex;
    readonly nameOf: NameOf;
    readonly nameOfPlace: NameOfPlace;
    readonly rendering: ReportRenderers;
    readonly goalsOf: GoalsOf;
    readonly limits: ReadLimits & { readonly atOnce: number };
    /** Of reports that nobody waits for; like `limits` by default. */
    readonly longLimits?: { readonly seconds: number; readonly atOnce: number };
  },
): {
  service: ReportsService;
  /** The same with turns and time limits of its own: it takes nothing from those who wait for an answer. */
  longService: ReportsService;
  serving: Serving;
  files: ReportFiles;
  questions: KeptQuestions;
  drills: DrilldownService;
  verification: Verification;
  routes: readonly AnyRoute[];
} {
  const { connection, knex, clock, limits, nameOf, nameOfPlace, rendering, goalsOf, mirror } = deps;
  const engine = createNativeEngine(connection, knex, limits);
  const turns = createTurns({ atOnce: limits.atOnce, inLine: 4 * limits.atOnce, isShared: true });
  const all = {
    ...deps,
    mirrored: mirror && createMirroredReports(mirror, createTurns(mirrorTurns)),
    ...createReportLookups(connection, knex, limits.seconds),
    reports: reportCatalogue,
  };
  const service = createReportsService({ ...all, engine, turns, catchingUpSeconds });
  const long = { ...limits, ...deps.longLimits };
  const longService = createReportsService({
    ...all,
    engine: createNativeEngine(connection, knex, long),
    turns: createTurns({ atOnce: long.atOnce, inLine: 4 * long.atOnce }),
  });
  const serving = createServing({ service, clock, nameOf, nameOfPlace, rendering, goalsOf });
  const drills = createDrilldownService({ reports: service, engine, turns });
  return {
    ...{ service, longService, serving },
    files: createReportFiles({ clock, nameOf, nameOfPlace, rendering, goalsOf }),
    questions: createKeptQuestions({ service, clock, timeZone: deps.timeZone }),
    drills,
    verification: createVerification(service, createVerificationReader(connection)),
    routes: reportRoutes({
      ...{ catalogue: reportCatalogue, reports: service.forActors, drills: drills.forActors },
      ...{ serving, records: createRecordsServing({ clock, nameOf, rendering }) },
    }),
  };
}
