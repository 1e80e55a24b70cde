import { expect } from 'chai';
import { examinedIn } from '../../benchmarks/reports/examined.js';
import { growthOf } from '../../benchmarks/reports/goals.js';
import { lagsOf } from '../../benchmarks/reports/lag.js';
import { createServerTimes } from '../../benchmarks/reports/server-times.js';
import type { Served, Timed } from '../../benchmarks/reports/serving.js';

describe('the figures of npm run bench:reports', () => {
  it('REP-9: a write lags until figures were seen that hold it, and never less than nothing', () => {
    const seen = [
      { position: 10n, at: 100 },
      { position: 20n, at: 130 },
    ];
    const write = (at: bigint, acknowledged_at: number) => ({ at, acknowledged_at });
    expect(lagsOf([write(20n, 110), write(9n, 105), write(11n, 90)], seen)).to.deep.equal([0, 40, 20]);
    expect(lagsOf([write(21n, 110)], seen)).to.deep.equal([Infinity]);
  });

  it('DBA-2: what is examined is that of the cursor, of look-ups and of unions, each once', () => {
    const stats = (keys: number, documents: number) => ({
      executionStats: {
        totalKeysExamined: keys,
        totalDocsExamined: documents,
        executionStages: { totalDocsExamined: 7 },
      },
    });
    const mongodb = {
      stages: [
        { $cursor: stats(3, 2) },
        { $lookup: { from: 'doctors' }, totalDocsExamined: 5, totalKeysExamined: 5 },
        { $unionWith: { coll: 'rollup_state', pipeline: [{ $cursor: stats(1, 1) }] } },
      ],
    };
    const postgres = {
      figures: [{ Plan: { 'Node Type': 'Seq Scan', 'Actual Rows': 4, 'Actual Loops': 1 } }],
    };
    expect(examinedIn({ mongodb, postgres })).to.deep.equal({ keys: 9, documents: 8, rows: 4 });
    expect(examinedIn({ mongodb: null, postgres: null })).to.deep.equal({ keys: 0, documents: 0, rows: 0 });
  });

  it('DBA-2: growth is from the smallest size to the largest, by the median of the rounds’ ratios', () => {
    const served = (appointments: number, rounds: readonly number[], documents: number): Served => ({
      ...{ question: 'top', appointments, rows: 5, definition: 9, times_as_fast: 1 },
      examined: { keys: 0, documents, rows: 0 },
      ...(rounds.map((ms) => ({ cold_p50: ms, cold_p97_5: 2 * ms }))[0] as Timed),
      rounds: rounds.map((ms) => ({ cold_p50: ms, cold_p97_5: 2 * ms }) as Timed),
    });
    const all = [served(400, [2, 2, 30], 4), served(100, [1, 2, 1], 2), served(200, [9, 9, 9], 9)];
    expect(growthOf(all)).to.deep.equal([{ question: 'top', rows: 1, examined: 2, p97_5: 2, p50: 2 }]);
    expect(growthOf(all.slice(0, 1))).to.deep.equal([]);
  });

  it('DBA-2: the time of a request is read from the log, and what else is serious in it is handed on', async () => {
    const other: string[] = [];
    const times = createServerTimes((line) => other.push(line));
    const line = (level: number, msg: string): string =>
      JSON.stringify({ level, client_request_id: 'one', ms: 1.5, msg });
    for (const each of [line(30, 'request'), line(30, 'started'), line(50, 'failed'), 'words'])
      times.onLine(each);
    expect(await times.of('one')).to.equal(1.5);
    expect(other).to.deep.equal([line(50, 'failed'), 'words']);
  });
});
