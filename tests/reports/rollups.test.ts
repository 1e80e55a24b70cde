import { expect } from 'chai';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import type { Document } from 'mongodb';
import type { Change } from '../../src/databases/projector/projector.types.js';
import { doctorVisits } from '../../src/domains/reports/rollups/doctor-visits.rollup.js';
import { rollupCatalogue } from '../../src/domains/reports/rollups/rollup.catalogue.js';
import {
  rollupId,
  type Rollup,
  type RollupContext,
} from '../../src/domains/reports/rollups/rollup.definition.js';
import {
  addUnit,
  changed,
  documentIncrements,
  documentRollups,
  unitChanges,
  unitGroups,
  type Increments,
} from '../../src/domains/reports/rollups/rollup.deltas.js';
import {
  coveringPeriods,
  dayOf,
  monthParts,
  monthRun,
  periodsOf,
} from '../../src/domains/reports/rollups/periods.js';
import { joinSpells } from '../../src/domains/reports/rollups/treatment-episodes.rollup.js';
import { after as afterStep, step, visit, type Step } from './random-records.js';

const zones = ['UTC', 'America/New_York', 'Asia/Kolkata', 'America/Sao_Paulo'] as const;
const zone = fc.constantFrom(...zones);
const context: RollupContext = { timeZone: 'America/New_York', gapDays: 90 };

/** Figures as a sink would keep them, in memory. */
function keeper(rollups: readonly Rollup[]) {
  const figures = new Map<string, number>();
  const units = new Map<string, Map<string, number>>();
  const add = (rollup: Rollup, increments: Increments): void => {
    for (const { key, figures: added } of increments.values())
      for (const [name, n] of added) {
        const path = `${rollup.collection} ${rollupId(key)} ${name}`;
        const sum = (figures.get(path) ?? 0) + n;
        if (sum === 0) figures.delete(path);
        else figures.set(path, sum);
      }
  };
  return {
    figures,
    units,
    apply(changes: readonly Change[]): void {
      for (const rollup of documentRollups(rollups))
        add(rollup, documentIncrements(rollup, changes, context));
      for (const group of unitGroups(rollups)) {
        const sums = group.rollups.map((): Increments => new Map());
        for (const [unit, net] of unitChanges(group, changes, context)) {
          const name = `${group.name} ${unit}`;
          const before = units.get(name) ?? new Map<string, number>();
          const now = changed(before, net);
          addUnit(sums, group, unit, [before, now], context);
          if (now.size === 0) units.delete(name);
          else units.set(name, now);
        }
        group.rollups.forEach((rollup, n) => add(rollup, sums[n]!));
      }
    },
  };
}

function changesOf(steps: readonly Step[]): { changes: Change[]; left: Change[] } {
  const documents = new Map<string, Change>();
  const changes = steps.flatMap((one): Change[] => {
    const key = `${one.of} ${one.id}`;
    const before = documents.get(key)?.after ?? null;
    const now = afterStep(one, before);
    documents.set(key, { collection: one.of, id: one.id, before: null, after: now });
    return before || now ? [{ collection: one.of, id: one.id, before, after: now }] : [];
  });
  return { changes, left: [...documents.values()] };
}

const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

describe('rollups', () => {
  it('REP-8: give the figures of what is left, whatever came, changed and went, in batches of any size', () =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (steps, size) => {
        const { changes, left } = changesOf(steps);
        const kept = keeper(rollupCatalogue);
        for (let n = 0; n < changes.length; n += size) kept.apply(changes.slice(n, n + size));
        const recount = keeper(rollupCatalogue);
        recount.apply(left.filter(({ after }) => after));
        expect(sorted(kept.figures)).deep.equal(sorted(recount.figures));
        expect(sorted(kept.units).map(([unit]) => unit)).deep.equal(
          sorted(recount.units).map(([unit]) => unit),
        );
      }),
      { numRuns: 60 },
    ));

  it('REP-8: leave nothing behind when everything is gone', () =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { changes, left } = changesOf(steps);
        const kept = keeper(rollupCatalogue);
        kept.apply(changes);
        kept.apply(left.map(({ after, ...rest }) => ({ ...rest, before: after, after: null })));
        expect([kept.figures.size, kept.units.size]).deep.equal([0, 0]);
      }),
      { numRuns: 30 },
    ));

  it('refuse to take away a record that was never there', () => {
    expect(() => changed(new Map([['a', 1]]), new Map([['a', -2]]))).throws('not kept');
  });

  it('name each collection once, and their keys fit their cells', () => {
    const names = rollupCatalogue.map(({ collection }) => collection);
    expect(new Set(names).size).equal(names.length);
    const [document] = fc.sample(visit, 1);
    for (const rollup of rollupCatalogue) {
      if (rollup.source !== 'appointments' || 'records' in rollup) continue;
      for (const { key } of rollup.cells(document!, context)) expect(key.length).equal(rollup.key.length);
    }
  });
});

describe('doctor-visits', () => {
  /** What `top-doctors` reads for a run of months, said in a loop. */
  function distinctPatients(
    appointments: readonly Document[],
    { from, to }: { from: string | null; to: string | null },
  ): Map<string, number> {
    const kept = keeper([doctorVisits]);
    kept.apply(
      appointments.map((one, n) => ({ collection: 'appointments', id: `A${n}`, before: null, after: one })),
    );
    const doctors = new Map<string, number>();
    const named = new Set<string>();
    for (const [path, n] of kept.figures) {
      const [, id, figure] = path.split(' ') as [string, string, string];
      const [span, month, , , doctor, patient] = JSON.parse(id) as string[];
      if (span !== 'month' || (from && month! < from) || (to && month! >= to)) continue;
      const [status, what, before] = figure.split('.');
      if (status !== 'completed') continue;
      if (patient !== null && what === 'appointments') named.add(`${doctor} ${patient}`);
      if (patient === null && (what === 'first' || (what === 'again' && from && before! < from)))
        doctors.set(doctor!, (doctors.get(doctor!) ?? 0) + n);
    }
    for (const one of named) {
      const [doctor] = one.split(' ');
      doctors.set(doctor!, (doctors.get(doctor!) ?? 0) + 1);
    }
    return doctors;
  }

  const months = fc
    .integer({ min: 0, max: 40 })
    .map((n) => DateTime.utc(2023, 8).plus({ months: n }).toFormat('yyyy-MM'));

  it('REP-8: tell the distinct patients of any run of months', () =>
    fc.assert(
      fc.property(
        fc.array(visit, { maxLength: 120 }),
        fc.record({ from: fc.option(months), to: fc.option(months) }),
        (appointments, run) => {
          const patients = new Map<string, Set<string>>();
          for (const { doctor_id, patient_id, status, date } of appointments) {
            const month = dayOf(date, context.timeZone).slice(0, 7);
            if (status !== 'completed' || (run.from && month < run.from) || (run.to && month >= run.to))
              continue;
            patients.set(doctor_id, (patients.get(doctor_id) ?? new Set()).add(patient_id));
          }
          const counts = new Map([...patients].map(([doctor, set]) => [doctor, set.size]));
          expect(sorted(distinctPatients(appointments, run))).deep.equal(sorted(counts));
        },
      ),
      { numRuns: 200 },
    ));
});

describe('periods', () => {
  const dates = fc
    .tuple(fc.integer({ min: 0, max: 1500 }), fc.integer({ min: 0, max: 900 }), zone)
    .map(([first, length, timeZone]) => {
      const from = DateTime.fromISO('2022-11-03', { zone: timeZone }).plus({ days: first });
      return { from: from.toJSDate(), to: from.plus({ days: length }).toJSDate(), timeZone };
    });

  it('cover each day of a run of days once', () =>
    fc.assert(
      fc.property(dates, fc.integer({ min: -50, max: 1000 }), ({ from, to, timeZone }, offset) => {
        const at = DateTime.fromJSDate(from, { zone: timeZone }).plus({ days: offset, hours: 13 }).toJSDate();
        const names = periodsOf(at, timeZone);
        const covering = coveringPeriods({ from, to }, timeZone)!;
        const isIn = at >= from && at < to;
        expect(covering.filter((period) => names.includes(period)).length).equal(isIn ? 1 : 0);
        const [, , month, day] = names;
        const parts = monthParts(from, to, timeZone)!.filter((part) => part.month === month);
        expect(parts.length).within(0, 1);
        expect(parts.some(({ days }) => days === null || days.includes(day.slice(8)))).equal(isIn);
      }),
    ));

  it('REP-8: go on over days that begin at one, where clocks are put forward at midnight', () => {
    for (const [timeZone, day] of [
      ['America/Santiago', '2025-09-07'],
      ['Africa/Cairo', '2025-04-25'],
      ['America/Asuncion', '2017-10-01'],
    ] as const) {
      const at = DateTime.fromISO(day, { zone: timeZone });
      const [from, to] = [-2, 2].map((days) => at.plus({ days }).startOf('day')) as [DateTime, DateTime];
      const days = [0, 1, 2, 3].map((n) =>
        DateTime.fromISO(day)
          .plus({ days: n - 2 })
          .toISODate(),
      );
      expect(coveringPeriods({ from: from.toJSDate(), to: to.toJSDate() }, timeZone)).deep.equal(days);
      const month = { from: at.startOf('month').toJSDate(), to: at.endOf('month').plus(1).toJSDate() };
      expect(coveringPeriods(month, timeZone)).deep.equal([day.slice(0, 7)]);
      expect(monthRun(month, timeZone)?.single).deep.equal({ span: 'month', period: day.slice(0, 7) });
    }
  });

  it('are runs of months when both ends are the first of one, and one period where there is one', () => {
    const at = (text: string): Date => DateTime.fromISO(text, { zone: 'America/New_York' }).toJSDate();
    const run = (from: string | null, to: string | null) =>
      monthRun(
        { from: from === null ? null : at(from), to: to === null ? null : at(to) },
        'America/New_York',
      );
    expect(run(null, null)?.single).deep.equal({ span: 'all', period: 'all' });
    expect(run('2025-01-01', '2026-01-01')?.single).deep.equal({ span: 'year', period: '2025' });
    expect(run('2025-03-01', '2025-04-01')?.single).deep.equal({ span: 'month', period: '2025-03' });
    expect(run('2025-03-01', '2026-03-01')).deep.equal({ from: '2025-03', to: '2026-03', single: null });
    expect(run('2025-03-01', null)).deep.equal({ from: '2025-03', to: null, single: null });
    expect(run('2025-03-02', '2025-04-01')).equal(undefined);
    expect(run('2025-03-01', '2025-04-01T01:00')).equal(undefined);
    expect(monthParts(at('2025-03-01'), at('2025-04-01T01:00'), 'America/New_York')).equal(undefined);
  });
});

describe('joinSpells', () => {
  it('REP-2: counts a day at a time whether somebody is in treatment', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(300), fc.option(fc.integer({ min: -5, max: 60 }), { freq: 6 })), {
          maxLength: 12,
        }),
        fc.nat(40),
        (made, gapDays) => {
          const spells = made.map(([start, n]) => [start, n === null ? null : start + n] as const);
          const { days, open } = joinSpells(spells, gapDays);
          // Another way to the same: a day belongs to an episode while a spell that has begun ended at most `gapDays` before.
          const covered = new Set<number>();
          const last = 500;
          for (const [start, end] of spells)
            for (let day = start; day <= Math.min(Math.max(start, end ?? last) + gapDays, last); day++)
              covered.add(day);
          const starts = [...covered].filter((day) => !covered.has(day - 1) || !isReached(day));
          function isReached(day: number): boolean {
            return spells.some(([s, e]) => s < day && day - Math.max(s, e ?? Infinity) <= gapDays);
          }
          expect(days.length + open).equal(starts.length);
          expect(open).equal(spells.some(([, end]) => end === null) ? 1 : 0);
        },
      ),
    ));
});
