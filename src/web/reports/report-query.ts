import type Joi from 'joi';
import {
  placeParameters as places,
  sortsOf,
  sought,
  type AnyReport,
  type ReportQuery,
  type Sought,
} from '../../domains/reports/engine/index.js';
import { valuesIn } from '../../lib/either-of.js';
import { eitherOf, id, oneOf, optional, shape, term } from '../../lib/fields.js';
import { daysOf, periodNames, type Days, type PeriodName, type PeriodQuery } from './report-periods.js';
import { dayText } from '../shapes.js';

/* What the address of a report's page may say, made from what the report itself takes. */

/** What a question can be held to, and its parameter. */
export const placeParameter = { region: 'region', ...sought } as const;
export type Place = keyof typeof placeParameter;

export const placeWords: Readonly<Record<Place, { readonly label: string; readonly many: string }>> = {
  region: { label: 'Region', many: 'regions' },
  hospital: { label: 'Hospital', many: 'hospitals' },
  department: { label: 'Department', many: 'departments' },
  doctor: { label: 'Doctor', many: 'doctors' },
};

/** What the filters of a form send for each box that is ticked. */
export const ticked: readonly string[] = places;

export type PageQuery = PeriodQuery &
  Readonly<Partial<Record<(typeof places)[number] | Sought, string>>> & {
    readonly compare?: 'before' | undefined;
    readonly sort?: string | undefined;
  } & Readonly<Record<string, unknown>>;

/** The page has a period of its own. */
const notAsked: readonly string[] = ['year'];

/** What a page asks for beside the period and the place. */
export type Params = Pick<AnyReport, 'params'> & Partial<Pick<AnyReport, 'columns'>>;

const ownParams = ({ params }: Params): [string, Joi.Schema][] =>
  Object.entries(params).filter(([param]) => !notAsked.includes(param));

export const pageQuery = (report: Params): Joi.ObjectSchema =>
  shape({
    period: optional(oneOf(...(Object.keys(periodNames) as PeriodName[]))),
    from: optional(dayText()),
    through: optional(dayText()),
    region: optional(eitherOf(term(100))),
    hospital_id: optional(eitherOf(id())),
    department_id: optional(eitherOf(id())),
    doctor_id: optional(eitherOf(id())),
    hospital: optional(term(100)),
    department: optional(term(100)),
    doctor: optional(term(100)),
    compare: optional(oneOf('before')),
    ...(report.columns && { sort: optional(oneOf(...sortsOf(report.columns))) }),
    ...Object.fromEntries(ownParams(report)),
  });

/** What a report answers: the first sentence of its description, where it does not say. */
export const questionOf = ({ question, description }: AnyReport): string =>
  question ?? `${description.replaceAll('`', '').split(/(?<=\.)\s/)[0]}`;

interface Described {
  readonly type?: string;
  readonly flags?: {
    readonly default?: string | number | boolean;
    readonly only?: boolean;
    readonly description?: string;
  };
  readonly allow?: readonly unknown[];
}

/** A parameter of the report as a field of the form. */
export interface OwnField {
  readonly name: string;
  readonly label: string;
  readonly hint: string | undefined;
  readonly standard: string | undefined;
  /** The values to choose from; undefined: any number or text. */
  readonly choices: readonly string[] | undefined;
  readonly type: 'choice' | 'number' | 'text';
}

const labels: Readonly<Record<string, string>> = {
  by: 'By',
  limit: 'How many',
  basis: 'Counted from',
  gap_days: 'New treatment after a gap of days',
  disease: 'Disease, by name or code',
  kind: 'Kind of bill',
  until: 'Followed until (YYYY-MM)',
};

const spaced = (text: string): string => text.replaceAll(/[_-]+/g, ' ');

/** `no_show` → `No show` */
export const worded = (text: string): string => {
  const words = spaced(text);
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export function ownFields(report: Params): OwnField[] {
  return ownParams(report).map(([param, schema]) => {
    const { type, flags = {}, allow } = schema.describe() as Described;
    const values = flags.only ? (allow ?? []).map(String) : undefined;
    const choices = values ?? (type === 'boolean' ? ['true', 'false'] : undefined);
    return {
      name: param,
      label: labels[param] ?? worded(param),
      // Where the label says it already, there is no more to say.
      hint: param in labels ? undefined : flags.description,
      standard: flags.default?.toString(),
      choices,
      type: choices ? 'choice' : type === 'number' ? 'number' : 'text',
    };
  });
}

/** What the report is asked: its own parameters, the places, and the period as days. */
export function reportQueryOf(report: AnyReport, query: PageQuery, days: Days): ReportQuery {
  const own = ownParams(report).map(([param]) => [param, query[param]] as const);
  const asked = [...own, ...places.map((place) => [place, query[place]] as const)];
  return {
    ...Object.fromEntries(asked.filter(([, value]) => value !== undefined)),
    ...(days.from === undefined ? {} : { from: days.from }),
    ...(days.to === undefined ? {} : { to: days.to }),
  };
}

/** Of what an address says, what every report takes. */
export const sharedOf = (given: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    ['period', 'from', 'through', ...places].flatMap((name) =>
      given[name] === undefined ? [] : [[name, given[name]]],
    ),
  );

/** Of what it is held to, what is more than one: `2 regions`, `3 hospitals`. */
export const severalIn = (query: PageQuery): string[] =>
  (Object.keys(placeParameter) as Place[]).flatMap((place) => {
    const { length } = valuesIn(query[placeParameter[place]]);
    return length > 1 ? [`${length} ${placeWords[place].many}`] : [];
  });

export const askedOf = (report: AnyReport, query: PageQuery, today: string): ReportQuery =>
  reportQueryOf(report, query, daysOf(query, today));

/** What an address needs to say: nothing that is so anyway. */
export function givenOf(report: Params, query: Readonly<Record<string, unknown>>): Record<string, string> {
  const standard = new Map(ownFields(report).map((field) => [field.name, field.standard]));
  const known = [
    ...['period', 'from', 'through', ...places, ...Object.keys(sought), 'compare', 'sort'],
    ...standard.keys(),
  ];
  const given = known.flatMap((key): [string, string][] => {
    const value = query[key];
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return [];
    const text = String(value);
    return text === '' || text === standard.get(key) ? [] : [[key, text]];
  });
  return Object.fromEntries(given);
}

/** An address with these parameters; what is undefined is left out. */
export function addressOf(base: string, given: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(given)) if (value !== undefined) query.set(key, value);
  const text = query.toString();
  return text === '' ? base : `${base}?${text}`;
}
