import {
  sought,
  sortingOf,
  type Column,
  type Sought,
  type Value,
} from '../../domains/reports/engine/index.js';
import type { Actor } from '../../lib/actor.js';
import { eitherText, valuesIn } from '../../lib/either-of.js';
import type { Problem } from '../../lib/errors.js';
import type { Advice } from '../mistakes.js';
import type { Chip, ReportFormView } from './report-form.page.js';
import { daysBefore, periodNames, periodOf, periodWords, daysOf, usualPeriod } from './report-periods.js';
import type { PeriodName } from './report-periods.js';
import type { Mistake } from '../parts.js';
import type { ReportView } from './report.page.js';
import type { Offer } from './place-fields.page.js';
import type { Option, ReportPlaces } from './report-places.js';
import { orderWords } from './report-format.js';
import {
  addressOf,
  givenOf,
  ownFields,
  placeParameter,
  placeWords,
  worded,
  type PageQuery,
  type Params,
  type Place,
} from './report-query.js';
import type { WebDeps } from '../web.deps.js';

/** Those that are known, and those of the others that are asked about. */
const withAsked = (options: readonly Option[], asked: readonly Option[]): Option[] => [
  ...asked.filter(({ id }) => !options.some((option) => option.id === id)),
  ...options,
];

/** More than may be asked about is not shown either. */
const mostShown = 50;

export type Sighted =
  | { readonly to: string }
  | { readonly candidates: NonNullable<ReportView['candidates']> }
  | { readonly what: Sought; readonly mistakes: readonly Mistake[] };

/** What a report is asked, as the fields of a form and as words. */
export function createReportForms(
  { hospitals, reports }: Pick<WebDeps, 'hospitals' | 'reports'>,
  places: ReportPlaces,
  today: () => string,
) {
  const named = (kind: Sought, ids: readonly string[]): Promise<Option[]> =>
    Promise.all(ids.map(async (id) => ({ id, label: await places.nameOf(kind, id) })));

  async function offersOf(actor: Actor, query: PageQuery): Promise<ReportFormView['offers']> {
    // A doctor's figures are their own.
    const kinds = (Object.keys(sought) as Sought[]).filter(
      (kind) => kind !== 'doctor' || actor.role !== 'doctor',
    );
    const [regions, ...offers] = await Promise.all([
      hospitals.regions(),
      ...kinds.map(async (kind): Promise<readonly [Sought, Offer]> => {
        // Words that were typed are shown where they were typed.
        const options = query[kind] === undefined ? await places.options(kind, query) : null;
        const asked = valuesIn(query[sought[kind]]);
        const others = await named(
          kind,
          asked.filter((id) => !options?.some((option) => option.id === id)),
        );
        return [kind, { options: withAsked(options ?? [], others), isSought: options === null }];
      }),
    ]);
    const ofRegion = { options: regions.map((region) => ({ id: region, label: region })), isSought: false };
    return { region: ofRegion, ...Object.fromEntries(offers) };
  }

  async function formOf(
    report: Params,
    actor: Actor,
    query: PageQuery,
    action: string,
  ): Promise<ReportFormView> {
    return {
      ...{ action, period: periodOf(query), offers: await offersOf(actor, query) },
      isOne: reports.asksOnePlace(actor),
      values: givenOf(report, query),
      mistakes: [],
      own: ownFields(report),
      canCompare: daysBefore(daysOf(query, today()), today()) !== undefined,
      isOpen: false,
    };
  }

  /** A chip for each place, and the address without it. */
  async function placeChips(
    query: PageQuery,
    addressWith: (name: string, value: string | undefined) => string,
  ): Promise<Chip[]> {
    const chips = (Object.keys(placeParameter) as Place[]).map(async (place) => {
      const name = placeParameter[place];
      const values = valuesIn(query[name]);
      const told = await Promise.all(
        values.map((value) => (place === 'region' ? Promise.resolve(value) : places.nameOf(place, value))),
      );
      return values.map((value, at) => ({
        text: `${placeWords[place].label}: ${told[at]}`,
        href: addressWith(name, eitherText(values.filter((other) => other !== value))),
      }));
    });
    return (await Promise.all(chips)).flat();
  }

  return {
    formOf,

    /** Of a name that was typed: where the one record is that it means, beside those that are chosen, which it may mean, or that it means none. */
    async sight(report: Params, actor: Actor, query: PageQuery, base: string): Promise<Sighted | undefined> {
      const kind = (Object.keys(sought) as Sought[]).find((one) => query[one] !== undefined);
      if (!kind) return undefined;
      const { [kind]: words, ...given } = givenOf(report, query);
      const others = reports.asksOnePlace(actor) ? [] : valuesIn(query[sought[kind]]);
      const links = (await places.found(kind, query)).map(({ id, label }) => ({
        href: addressOf(base, { ...given, [sought[kind]]: eitherText([...others, id]) }),
        text: label,
      }));
      if (links.length === 1) return { to: links[0]!.href };
      if (links.length > 1) return { candidates: { what: kind, links } };
      return { what: kind, mistakes: [{ field: kind, message: `No ${kind} has “${words}” in the name.` }] };
    },

    /** The form for a question that could not be read: what is right in it is kept. */
    async refusedForm(
      report: Params,
      actor: Actor,
      raw: Readonly<Record<string, unknown>>,
      action: string,
    ): Promise<ReportFormView> {
      const values = givenOf(report, raw);
      const period = (Object.hasOwn(periodNames, values['period'] ?? '') ? values['period'] : undefined) as
        PeriodName | undefined;
      // Places that are not there must not make the form fail too.
      const form = await formOf(report, actor, { period: period ?? usualPeriod }, action);
      const shown = period ?? (values['from'] || values['through'] ? 'custom' : usualPeriod);
      const offers = Object.fromEntries(
        Object.entries(form.offers).map(([place, offer]) => {
          const ids = valuesIn(values[placeParameter[place as Place]]).slice(0, mostShown);
          const asked = form.isOne && ids.length > 1 ? [] : ids.map((id) => ({ id, label: id }));
          return [place, { ...offer, options: withAsked(offer.options, asked) }];
        }),
      );
      return { ...form, values, period: shown, offers };
    },

    /** Every filter in the words of the form, and the address without it. */
    async chipsOf(report: Params, query: PageQuery, base: string): Promise<Chip[]> {
      const given = givenOf(report, query);
      const without = (...names: string[]): string =>
        addressOf(base, Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name))));
      const chips: Chip[] = [];
      if ('period' in given || 'from' in given || 'through' in given)
        chips.push({
          text: `Period: ${periodWords(daysOf(query, today()))}`,
          href: without('period', 'from', 'through'),
        });
      for (const { name, label, choices } of ownFields(report)) {
        const value = given[name];
        if (value !== undefined)
          chips.push({ text: `${label}: ${choices ? worded(value) : value}`, href: without(name) });
      }
      chips.push(...(await placeChips(query, (name, value) => addressOf(base, { ...given, [name]: value }))));
      if (query.compare !== undefined)
        chips.push({ text: 'Compared with the previous period', href: without('compare') });
      const sorting = sortingOf(report.columns ?? [], query.sort);
      if (sorting)
        chips.push({
          text: `Sorted by ${sorting.column.title}, ${orderWords(sorting.isDescending)}`,
          href: without('sort'),
        });
      return chips;
    },

    /** What is wrong with each field, in the words of the form. */
    adviceOf(report: Params, { options }: Problem): Advice {
      const labels = new Map<string, string>([
        ...ownFields(report).map(({ name, label }): [string, string] => [name, label]),
        ['from', 'First day'],
        ['to', 'Last day'],
        ['through', 'Last day'],
        ['period', 'Period'],
        ...(Object.keys(placeParameter) as Place[]).map((place): [string, string] => [
          placeParameter[place],
          placeWords[place].label,
        ]),
        ['compare', 'Comparison'],
        ['sort', 'The column to sort by'],
      ]);
      const advice = (options.errors ?? []).flatMap(({ pointer, message }) => {
        const field = pointer.split('/')[2] ?? '';
        const label = labels.get(field);
        return label === undefined
          ? []
          : [[field, `${label} ${message === 'is after to' ? 'is after the last day' : message}.`]];
      });
      return Object.fromEntries(advice) as Advice;
    },

    /** What tells a row, in words; ids become names. */
    async keyWords(
      columns: readonly Column[],
      key: Readonly<Record<string, Value>>,
      textOf: (value: Value, column: Column) => string,
    ): Promise<{ name: string; text: string }[]> {
      const kinds = Object.entries(sought) as [Sought, string][];
      const words = await Promise.all(
        columns.map(async (column) => {
          const value = key[column.name] ?? null;
          const kind = kinds.find(([, name]) => name === column.name)?.[0];
          const told =
            kind && typeof value === 'string' ? await places.nameOf(kind, value) : textOf(value, column);
          return { name: column.title, text: told };
        }),
      );
      return words.filter(({ text }) => text !== '–');
    },
  };
}
