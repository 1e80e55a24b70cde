import { expect } from 'chai';
import { runBenchmark } from '../support/run-script.js';

const bench = (...args: string[]) => runBenchmark('home', args, { LOG_LEVEL: 'error' });

describe('npm run bench:home', function () {
  this.timeout(240_000);

  it('WEB-4: measures the home of each usual period and of places, cold and warm', async () => {
    const run = await bench(
      ...['--appointments', '300', '--rounds', '1', '--requests', '1', '--json'],
      ...['--uri', process.env['TEST_MONGODB_URI']!, '--postgres-uri', process.env['TEST_POSTGRES_URI']!],
    );
    expect(run.code, run.stderr).to.equal(0);
    const { questions, goals } = JSON.parse(run.stdout) as {
      questions: { question: string; cold_p97_5: number; warm_p97_5: number }[];
      goals: { measured: number; reached: null }[];
    };
    expect(questions.map(({ question }) => question)).to.include.members([
      ...['today', 'last-12-months', 'last-12-months, a region', 'last-30-days, a hospital'],
    ]);
    for (const { question, cold_p97_5, warm_p97_5 } of questions)
      for (const ms of [cold_p97_5, warm_p97_5]) expect(ms, question).to.be.greaterThan(0);
    // So small a system says nothing about goals.
    for (const goal of goals) expect(goal).to.deep.include({ reached: null });
  });

  it('ends with 2 when it is told of one store only, or of a size that is none', async () => {
    expect((await bench('--uri', 'mongodb://127.0.0.1:1/')).code).to.equal(2);
    expect((await bench('--appointments', 'many')).code).to.equal(2);
  });
});
