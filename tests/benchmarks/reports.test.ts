import { expect } from 'chai';
import { growthOf } from '../../benchmarks/reports/goals.js';
import { createServerTimes } from '../../benchmarks/reports/server-times.js';
import type { Served, Timed } from '../../benchmarks/reports/serving.js';

describe('the figures of npm run bench:reports', () => {
  it('DBA-2: growth is from the smallest size to the largest, by the median of the rounds’ ratios', () => {
    const served = (appointments: number, rounds: readonly number[]): Served => ({
      ...{ question: 'top', appointments, rows: 5, definition: 9, times_as_fast: 1 },
      ...(rounds.map((ms) => ({ cold_p50: ms, cold_p97_5: 2 * ms }))[0] as Timed),
      rounds: rounds.map((ms) => ({ cold_p50: ms, cold_p97_5: 2 * ms }) as Timed),
    });
    const all = [served(400, [2, 2, 30]), served(100, [1, 2, 1]), served(200, [9, 9, 9])];
    expect(growthOf(all)).to.deep.equal([{ question: 'top', rows: 1, p97_5: 2, p50: 2 }]);
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
