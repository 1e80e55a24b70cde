import { expect } from 'chai';
import { reportCatalogue } from '../../src/domains/reports/engine/index.js';
import { runBenchmark } from '../support/run-script.js';

const bench = (...args: string[]) => runBenchmark('mirror', args, { LOG_LEVEL: 'error' });

describe('npm run bench:mirror', function () {
  this.timeout(120_000);

  it('REP-9: asks each question both ways, which say the same', async () => {
    const run = await bench(
      ...['--appointments', '200', '--sample', '6', '--rounds', '1', '--json'],
      ...['--uri', process.env['TEST_MONGODB_URI']!, '--postgres-uri', process.env['TEST_POSTGRES_URI']!],
    );
    expect(run.code, run.stderr).to.equal(0);
    const { questions, goals } = JSON.parse(run.stdout) as {
      questions: { report: string; mirror_ms: number; definition_ms: number; differs: boolean }[];
      goals: { reached: null }[];
    };
    expect(new Set(questions.map(({ report }) => report)).size).to.equal(reportCatalogue.length);
    for (const { mirror_ms, definition_ms, differs } of questions) {
      expect([mirror_ms > 0, definition_ms > 0, differs]).to.deep.equal([true, true, false]);
    }
    // So small a system says nothing about goals.
    expect(goals.map(({ reached }) => reached)).to.deep.equal([null]);
  });

  it('ends with 2 when it is told of one store only, or of a size that is none', async () => {
    expect((await bench('--uri', 'mongodb://127.0.0.1:1/')).code).to.equal(2);
    expect((await bench('--sample', 'many')).code).to.equal(2);
  });
});
