import { expect } from 'chai';
import fc from 'fast-check';
import { hide } from '../../src/domains/reports/engine/reports.hiding.js';
import { hideSmall } from '../../src/domains/reports/engine/reports.small-cells.js';
import { totalsOf } from '../../src/domains/reports/engine/reports.totals.js';
import type { Column, Row } from '../../src/domains/reports/engine/reports.types.js';

const column = (name: string, type: Column['type']): Column => ({
  name,
  type,
  title: name,
  description: name,
});
const columns = [
  column('doctor_id', 'text'),
  column('name', 'text'),
  column('patients', 'count'),
  column('appointments', 'count'),
  column('cost', 'money'),
];
const report = { columns, key: ['doctor_id'] };
const row = (doctor_id: string, patients: number, appointments = patients, cost = '10.00'): Row => ({
  doctor_id,
  name: `Doctor ${doctor_id}`,
  patients,
  appointments,
  cost,
});
const nothing = { patients: null, appointments: null, cost: null };

const anyRows = fc
  .array(fc.tuple(fc.nat(12), fc.nat(12)), { maxLength: 12 })
  .map((figures) => figures.map(([patients, more], n) => row(`D${n}`, patients, patients + more)));

describe('hiding small counts', () => {
  it('REP-11: a row with a small count keeps its key and texts, and loses every figure', () => {
    const { rows, hidden } = hideSmall(report, [row('A', 9), row('B', 4, 40), row('C', 2), row('E', 8)], 5);
    expect(hidden).to.equal(2);
    expect(rows).to.deep.equal([
      row('A', 9),
      row('E', 8),
      { ...row('B', 0), ...nothing },
      { ...row('C', 0), ...nothing },
    ]);
  });

  it('REP-11: where one alone would be hidden, the smallest other one goes with it', () => {
    const { rows, hidden } = hideSmall(report, [row('A', 9), row('B', 3), row('C', 6), row('D', 0)], 5);
    expect(hidden).to.equal(2);
    expect(rows.map(({ doctor_id, patients }) => [doctor_id, patients])).to.deep.equal([
      ['A', 9],
      ['D', 0],
      ['B', null],
      ['C', null],
    ]);
  });

  it('REP-11: nothing is hidden of counts of nobody, and none when it is switched off', () => {
    const rows = [row('A', 0), row('B', 5)];
    expect(hideSmall(report, rows, 5)).to.deep.equal({ rows, hidden: 0 });
    expect(hideSmall(report, [row('A', 1)], 0).hidden).to.equal(0);
    expect(hideSmall(report, [row('A', 1)], 1).hidden).to.equal(0);
  });

  it('REP-11: shows no small count, and no total from which one could be subtracted', () => {
    fc.assert(
      fc.property(anyRows, fc.integer({ min: 2, max: 9 }), (rows, below) => {
        const shown = hideSmall(report, rows, below);
        expect(shown.rows).to.have.length(rows.length);
        const small = rows.filter(({ patients, appointments }) =>
          [patients, appointments].some((count) => Number(count) > 0 && Number(count) < below),
        );
        for (const { doctor_id } of small)
          expect(shown.rows.find((one) => one['doctor_id'] === doctor_id)).to.include(nothing);
        const others = rows.filter(
          ({ patients, appointments }) => Number(patients) + Number(appointments) > 0,
        );
        const columnsOf = [
          small.map(({ patients }) => patients),
          small.map(({ appointments }) => appointments),
        ];
        const isGivenAway =
          small.length === 1 ||
          (small.length > 0 &&
            columnsOf.some((all) =>
              [1, below - 1].some((extreme) => all.every((count) => count === extreme)),
            ));
        const least = others
          .filter((one) => !small.includes(one))
          .map(({ patients, appointments }) => Number(patients) || Number(appointments));
        const covers = isGivenAway ? least.filter((count) => count === Math.min(...least)).length : 0;
        expect(shown.hidden).to.equal(small.length + covers);
        if (small.length > 0)
          for (const one of columns.slice(2))
            expect(totalsOf({ columns: [{ ...one, total: 'sum' }], key: [] }, shown.rows)).to.deep.equal({});
      }),
    );
  });

  it('REP-11: of all data that give the same answer and the same total, no two agree on what is hidden', () => {
    const [most, below] = [6, 3];
    const one = { columns: [column('id', 'text'), column('n', 'count')], key: ['id'] };
    const counts = Array.from({ length: most + 1 }, (_, n) => n);
    const all = counts.flatMap((a) =>
      counts.flatMap((b) => counts.flatMap((c) => counts.map((d) => [a, b, c, d]))),
    );
    const consistent = new Map<string, number[][]>();
    for (const data of all) {
      const shown = hideSmall(
        one,
        data.map((n, at) => ({ id: `R${at}`, n })),
        below,
      );
      // Where all that count anybody are as many, and small, there is nobody to hide behind: the answer itself gives no total.
      const counted = data.filter((n) => n > 0);
      if (new Set(counted).size === 1 && [1, below - 1].includes(counted[0]!)) continue;
      if (counted.length === 1) continue;
      const byId = [...shown.rows].sort((x, y) => String(x['id']).localeCompare(String(y['id'])));
      const known = JSON.stringify([byId, data.reduce((sum, n) => sum + n, 0)]);
      consistent.set(known, [...(consistent.get(known) ?? []), data]);
    }
    for (const [known, group] of consistent) {
      const [rows] = JSON.parse(known) as [{ n: number | null }[]];
      rows.forEach(({ n }, at) => {
        if (n === null) expect(new Set(group.map((data) => data[at])).size, known).to.be.greaterThan(1);
      });
    }
  });

  it('REP-11: no limit of a ranked report shows what another one hides, or a total of it', () => {
    fc.assert(
      fc.property(anyRows, fc.integer({ min: 2, max: 9 }), (rows, below) => {
        const merged = { rows, receipt: { total: 1 }, rows_read: { mongodb: 9, postgres: 0 } };
        const hidden = hideSmall(report, rows, below);
        for (let limit = 1; limit <= rows.length + 1; limit++) {
          const answer = hide(report as never, merged, { below, limit });
          expect(answer.rows).to.deep.equal(hidden.rows.slice(0, limit));
          expect(answer.rows.filter(({ cost }) => cost === null)).to.have.length(
            answer.small_cells!.hidden_rows,
          );
          expect(answer.of).to.equal(rows.length);
          if (hidden.hidden > 0)
            expect([answer.totals, answer.receipt, answer.rows_read]).to.deep.equal([
              undefined,
              undefined,
              null,
            ]);
          else expect(answer.totals).to.deep.equal(totalsOf(report, rows));
          if (hidden.hidden === 0 && limit >= rows.length) expect(answer.receipt).to.deep.equal({ total: 1 });
        }
      }),
    );
  });

  it('REP-11: of a report that was cut before, no total tells a row that nobody may ask for', () => {
    const rows = [row('D1', 9), row('D2', 8)];
    const all = { of: 3, totals: { appointments: 18 } };
    const answer = hide(
      report as never,
      { rows, all, rows_read: { mongodb: 18, postgres: 0 } },
      { below: 5, limit: 2 },
    );
    expect([answer.of, answer.totals, answer.rows_read]).to.deep.equal([3, undefined, null]);
    const seen = hide(report as never, { rows, all, rows_read: { mongodb: 18, postgres: 0 } }, null);
    expect([seen.of, seen.totals, seen.rows_read!.mongodb]).to.deep.equal([3, { appointments: 18 }, 18]);
  });

  it('REP-11: the order tells nothing of what is hidden', () => {
    fc.assert(
      fc.property(anyRows, fc.integer({ min: 2, max: 9 }), (rows, below) => {
        const one = hideSmall(report, rows, below);
        const other = hideSmall(report, rows.toReversed(), below);
        const last = ({ rows: all, hidden }: typeof one) =>
          all.slice(all.length - hidden).map(({ doctor_id }) => doctor_id);
        expect(last(one)).to.deep.equal(last(other));
        expect(last(one)).to.deep.equal([...last(one)].sort());
      }),
    );
  });
});
