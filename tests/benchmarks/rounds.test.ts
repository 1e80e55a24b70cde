import { expect } from 'chai';
import { goalsOf as apiGoals } from '../../benchmarks/api/goals.js';
import { cellName, resultTable, unexpectedIn, type Result } from '../../benchmarks/contenders/measuring.js';
import { goalTable, judge, rounded } from '../../benchmarks/load/goals.js';
import type { Measured } from '../../benchmarks/load/load.js';
import { interleave, middleOf, ratioOf } from '../../benchmarks/load/rounds.js';
import { goalsOf as peerGoals } from '../../benchmarks/peers/goals.js';

const { signal } = new AbortController();
const at = (per_second: number, more: Partial<Measured> = {}): Measured => ({
  ...{ answers: per_second, per_second, p50_ms: 1, p97_5_ms: 2, cpu_us: { server: 10 }, unexpected: {} },
  ...more,
});
const result = (question: string, connections: number, server: string, rounds: Measured[]): Result => ({
  ...{ name: cellName(question, connections, server), title: question, server, connections, rounds },
});

describe('the rounds of a benchmark', () => {
  it('DBA-2: measures everything once a round, there and back', async () => {
    const order: string[] = [];
    const cells = ['a', 'b', 'c'].map((name) => ({
      name,
      measure: async () => {
        order.push(name);
        return order.length;
      },
    }));
    const results = await interleave(cells, { rounds: 3, signal });
    expect(order.join('')).to.equal('abccbaabc');
    expect(results.get('a')).to.deep.equal([1, 6, 7]);
  });

  it('DBA-2: gives medians of figures, sums of counts, and the median of the ratios of rounds', () => {
    const ours = [at(10), at(40), at(90, { unexpected: { 503: 2 } })];
    const others = [at(100), at(50, { unexpected: { 503: 1 } }), at(30)];
    expect(middleOf(ours)).to.deep.include({ answers: 140, per_second: 40, unexpected: { 503: 2 } });
    expect(ratioOf(ours, others)).to.equal(0.8);
  });

  it('DBA-2: tells unexpected answers by what was measured', () => {
    const failed = result('list', 32, 'ours', [at(1, { unexpected: { 503: 2 } }), at(1)]);
    expect(unexpectedIn([failed, result('list', 32, 'bare', [at(1)])])).to.deep.equal([
      'list, 32, ours: 2 × 503',
    ]);
  });

  it('DBA-2: prints the ratio to the limit beside each server', () => {
    const results = [result('list', 32, 'bare', [at(200)]), result('list', 32, 'ours', [at(150)])];
    expect(resultTable(results, 'bare')).to.match(/\| ours {3}\| +150 \| +150 \| +0.75 \|/);
    expect([1234.5, 0.123456, 12.345].map(rounded)).to.deep.equal([1235, 0.123, 12.3]);
  });
});

describe('the goals of a benchmark', () => {
  it('DBA-2: are judged when they were measured, and on data of their size', () => {
    const goal = { what: 'rate', least: 0.5, unit: '×' };
    expect(judge(goal, 0.5).reached).to.equal(true);
    expect(judge(goal, 0.49).reached).to.equal(false);
    expect(judge({ what: 'time', most: 15, unit: 'µs' }, 16).reached).to.equal(false);
    expect(judge(goal, null).reached).to.equal(null);
    expect(judge(goal, 0.7, false)).to.deep.include({ measured: 0.7, reached: null });
    expect(goalTable([judge(goal, 0.4)])).to.match(/\| rate \| ≥ 0.5 × \| 0.4 × +\| NO +\|/);
  });

  it('DBA-2: compares reports with the fastest other server, for as many readers', () => {
    const servers = { ours: 1000, bare: 10, parse: 4, eve: 5 };
    const results = Object.entries(servers).map(([server, rate]) => result('monthly', 1, server, [at(rate)]));
    const names = { ours: 'ours', bare: 'bare', parse: 'parse', eve: 'eve' };
    const anew = result('monthly anew', 1, 'ours', [at(300)]);
    const monthly = (how: string, appointments: number) =>
      peerGoals([...results, anew], names, appointments).find(({ what }) =>
        new RegExp(`month.*, ${how}: .* 1 reader$`).test(what),
      );
    expect(monthly('again', 400_000)).to.deep.include({ least: 200, measured: 100, reached: false });
    expect(monthly('anew', 400_000)).to.deep.include({ least: 25, measured: 30, reached: true });
    expect(monthly('anew', 4_000)).to.deep.include({ measured: 30, reached: null });
  });

  it('DBA-2: compares what our API does beside with its rate for one patient', () => {
    const results = [
      result('patient', 32, 'bare', [at(1000)]),
      result('patient', 32, 'ours', [at(700, { p97_5_ms: 10 })]),
      result('readers', 32, 'ours', [at(350)]),
      result('storm', 32, 'ours', [at(100, { p97_5_ms: 41 })]),
      result('book', 32, 'ours', [at(100)]),
      result('book', 32, 'claiming', [at(200)]),
    ];
    const goals = apiGoals(results, [12, 30, 14], { ours: 'ours', bare: 'bare', claiming: 'claiming' });
    expect(goals.map(({ measured }) => measured)).to.deep.equal([0.7, null, null, 0.5, 0.5, null, 14, 4.1]);
    expect(goals.map(({ reached }) => reached)).to.deep.equal([
      ...[true, null, null, false],
      ...[true, null, true, false],
    ]);
  });
});
