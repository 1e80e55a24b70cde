import {
  sought,
  sortingOf,
  type Column,
  type Sought,
  type Value,
} from '../../domains/reports/engine/index.js';
import type { Actor } from '../../lib/actor.js';
import type { Problem } from '../../lib/errors.js';
import type { Advice } from '../mistakes.js';
import type { Chip, ReportFormView } from './report-form.page.js';
import { daysBefore, periodNames, periodOf, periodWords, daysOf, usualPeriod } from './report-periods.js';
import type { PeriodName } from './report-periods.js';
import type { Mistake } from '../parts.js';
import type { ReportView } from './report.page.js';
import type { ReportPlaces } from './report-places.js';
import { orderWords } from './report-format.js';
import { addressOf, givenOf, ownFields, worded, type PageQuery, type Params } from './report-query.js';
import type { WebDeps } from '../web.deps.js';

export type Sighted =
  | { readonly to: string }
  | { readonly candidates: NonNullable<ReportView['candidates']> }
  | { readonly what: Sought; readonly mistakes: readonly Mistake[] };

/** What a report is asked, as the fields of a form and as words. */
export function createReportForms(
  { hospitals }: Pick<WebDeps, 'hospitals'>,
  places: ReportPlaces,
  today: () => string,
) {
  async function choicesOf(actor: Actor, query: PageQuery): Promise<ReportFormView['choices']> {
    // A doctor's figures are their own.
    const kinds = (Object.keys(sought) as Sought[]).filter(
      (kind) => kind !== 'doctor' || actor.role !== 'doctor',
    );
    const listed = await Promise.all(
      kinds.map(async (kind) => {
        // Words that were typed are shown where they were typed.
        if (query[kind] !== undefined) return [kind, null];
        const options = await places.options(kind, query);
        const id = query[sought[kind]];
        if (!options || id === undefined || options.some((option) => option.id === id))
          return [kind, options];
        return [kind, [{ id, label: await places.nameOf(kind, id) }, ...options]];
      }),
    );
    return Object.fromEntries(listed) as ReportFormView['choices'];
  }

  async function formOf(
    report: Params,
    actor: Actor,
    query: PageQuery,
    action: string,
  ): Promise<ReportFormView> {
    const [regions, choices] = await Promise.all([hospitals.regions(), choicesOf(actor, query)]);
    const period = periodOf(query);
    return {
      ...{ action, period, regions, choices },
      values: givenOf(report, query),
      mistakes: [],
      own: ownFields(report),
      canCompare: daysBefore(daysOf(query, today()), today()) !== undefined,
      isOpen: false,
    };
  }

  return {
    formOf,

    /** Of a name that was typed: where the one record is that it means, which it may mean, or that it means none. */
    async sight(report: Params, query: PageQuery, base: string): Promise<Sighted | undefined> {
      const kind = (Object.keys(sought) as Sought[]).find((one) => query[one] !== undefined);
      if (!kind) return undefined;
      const { [kind]: words, ...given } = givenOf(report, query);
      const links = (await places.found(kind, query)).map(({ id, label }) => ({
        href: addressOf(base, { ...given, [sought[kind]]: id }),
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
      const choices = Object.fromEntries(
        Object.entries(form.choices).map(([kind, options]) => {
          const id = values[sought[kind as Sought]];
          const isKnown = id === undefined || !options || options.some((option) => option.id === id);
          return [kind, isKnown ? options : [{ id, label: id }, ...options]];
        }),
      );
      return { ...form, values, period: shown, choices };
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
      if (query.region !== undefined)
        chips.push({ text: `Region: ${query.region}`, href: without('region') });
      for (const kind of Object.keys(sought) as Sought[]) {
        const id = query[sought[kind]];
        if (id === undefined) continue;
        chips.push({
          text: `${worded(kind)}: ${await places.nameOf(kind, id)}`,
          href: without(sought[kind]),
        });
      }
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
        ['region', 'Region'],
        ['hospital_id', 'Hospital'],
        ['department_id', 'Department'],
        ['doctor_id', 'Doctor'],
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
