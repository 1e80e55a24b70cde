import { expect } from 'chai';
import { runBenchmark } from '../support/run-script.js';

interface Bench {
  readonly systems: readonly { readonly in_step_after_s: number }[];
  readonly served: readonly {
    readonly question: string;
    readonly cold_p97_5: number;
    readonly warm_p97_5: number;
    readonly definition: number;
  }[];
  readonly lags: readonly { readonly load: string; readonly writes: number; readonly p97_5_ms: number }[];
  readonly verified: { readonly questions: number; readonly differences: readonly object[] };
  readonly flight: { readonly aggregations: readonly number[]; readonly unexpected: number };
  readonly importing: {
    readonly import_s: number;
    readonly in_step_ms: number;
    readonly asked: number;
    readonly meanwhile_p97_5: number;
    readonly verified: { readonly differences: readonly object[] };
  };
  readonly goals: readonly { readonly measured: number | null; readonly reached: boolean | null }[];
}

describe('npm run bench:reports', function () {
  this.timeout(240_000);

  it('REP-8, REP-9: asks each report both ways, which say the same, and finds no difference after writes', async () => {
    const run = await runBenchmark(
      'reports',
      [
        ...[
          '--sizes',
          '300',
          '--rounds',
          '1',
          '--requests',
          '1',
          '--seconds',
          '0.2',
          '--sample',
          '1',
          '--json',
        ],
        ...['--uri', process.env['TEST_MONGODB_URI']!, '--postgres-uri', process.env['TEST_POSTGRES_URI']!],
      ],
      { LOG_LEVEL: 'error' },
    );
    expect(run.code, run.stderr).to.equal(0);
    const { systems, served, lags, verified, flight, importing, goals } = JSON.parse(run.stdout) as Bench;
    for (const { in_step_after_s } of systems) expect(in_step_after_s).to.be.greaterThan(0);
    expect(served).to.have.length.greaterThan(20);
    for (const { question, cold_p97_5, warm_p97_5, definition } of served) {
      for (const ms of [cold_p97_5, warm_p97_5, definition]) expect(ms, question).to.be.greaterThan(0);
    }
    expect(lags.map(({ load }) => load)).to.deep.equal(['80 writes/s', '600 writes/s', '32 writers']);
    for (const { writes, load, p97_5_ms } of lags)
      for (const figure of [writes, p97_5_ms]) expect(figure, load).to.be.greaterThan(0);
    expect(verified.questions).to.be.greaterThan(5);
    expect(verified.differences).to.deep.equal([]);
    expect(flight.unexpected).to.equal(0);
    for (const count of flight.aggregations) expect(count).to.be.within(1, 31);
    for (const figure of ['import_s', 'in_step_ms', 'asked', 'meanwhile_p97_5'] as const)
      expect(importing[figure], figure).to.be.greaterThan(0);
    expect(importing.verified.differences).to.deep.equal([]);
    // So small a system says nothing about goals, but that the figures are right.
    expect(goals.filter(({ reached }) => reached !== null)).to.have.length(2);
  });

  it('ends with 2 when it is told of one store only, or of sizes that are none', async () => {
    expect((await runBenchmark('reports', ['--uri', 'mongodb://127.0.0.1:1/'])).code).to.equal(2);
    expect((await runBenchmark('reports', ['--sizes', '1000,1000'])).code).to.equal(2);
  });
});
