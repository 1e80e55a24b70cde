import { expect } from 'chai';
import { runBenchmark } from '../support/run-script.js';

const bench = (...args: string[]) => runBenchmark('hybrid', args, { LOG_LEVEL: 'error' });

describe('npm run bench:hybrid', function () {
  this.timeout(120_000);

  it('REP-4, REP-9: asks each way, and all ways give the same rows', async () => {
    const run = await bench(
      ...['--prescriptions', '900', '--bills', '1200', '--rounds', '2', '--json'],
      ...['--uri', process.env['TEST_MONGODB_URI']!, '--postgres-uri', process.env['TEST_POSTGRES_URI']!],
    );
    expect(run.code, run.stderr).to.equal(0);
    const { variants, same, goals } = JSON.parse(run.stdout) as {
      variants: { name: string; ms: number; signature: string | null }[];
      same: boolean;
      goals: { measured: number; reached: null }[];
    };
    expect(same).to.equal(true);
    expect(variants.map(({ name, signature }) => [name, signature !== null])).to.deep.equal([
      ['both queries, no join', false],
      ['live', true],
      ['mirror', true],
      ['pull all and join', true],
    ]);
    for (const { ms, name } of variants) expect(ms, name).to.be.greaterThan(0);
    // So small a system says nothing about goals.
    for (const goal of goals) expect(goal).to.deep.include({ reached: null });
  });

  it('ends with 2 when it is told of one store only, or of a size that is none', async () => {
    expect((await bench('--uri', 'mongodb://127.0.0.1:1/')).code).to.equal(2);
    expect((await bench('--bills', 'many')).code).to.equal(2);
  });
});
