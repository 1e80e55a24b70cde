import { expect } from 'chai';
import { runBenchmark } from '../support/run-script.js';

const bench = (...args: string[]) => runBenchmark('rendering', args, { LOG_LEVEL: 'error' });

describe('npm run bench:rendering', function () {
  this.timeout(240_000);

  it('REP-12, SEC-5: papers are made both ways, and whoever has nothing to do with them is answered meanwhile', async () => {
    const run = await bench(
      ...['--pdfs', '2', '--invoices', '3', '--rounds', '1', '--appointments', '100', '--json'],
      ...['--uri', process.env['TEST_MONGODB_URI']!, '--postgres-uri', process.env['TEST_POSTGRES_URI']!],
    );
    expect(run.code, run.stderr).to.equal(0);
    const { ways, goals } = JSON.parse(run.stdout) as {
      ways: { way: string; made: number; refused: number; asked: number; p99_ms: number }[];
      goals: { measured: number; reached: null }[];
    };
    expect(ways.map(({ way, made, refused }) => [way, made, refused])).to.deep.equal([
      ['event loop', 5, 0],
      ['threads', 5, 0],
    ]);
    for (const { way, asked, p99_ms } of ways) {
      expect(asked, way).to.be.greaterThan(0);
      expect(p99_ms, way).to.be.greaterThan(0);
    }
    // So few papers say nothing about goals.
    for (const goal of goals) expect(goal).to.deep.include({ reached: null });
  });

  it('ends with 2 when it is told of one store only, or of a number that is none', async () => {
    expect((await bench('--uri', 'mongodb://127.0.0.1:1/')).code).to.equal(2);
    expect((await bench('--pdfs', 'many')).code).to.equal(2);
  });
});
