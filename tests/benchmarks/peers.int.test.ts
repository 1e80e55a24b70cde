import { expect } from 'chai';
import { runBenchmark } from '../support/run-script.js';

interface Bench {
  readonly remarks: readonly string[];
  readonly results: readonly {
    readonly name: string;
    readonly answers: number;
    readonly unexpected: Readonly<Record<string, number>>;
  }[];
  readonly goals: readonly { readonly measured: number | null; readonly reached: boolean | null }[];
}

const small = ['--appointments', '500', '--rounds', '1', '--seconds', '0.3', '--json'];
const given = (): string[] => [
  ...['--uri', process.env['TEST_MONGODB_URI']!],
  ...['--postgres-uri', process.env['TEST_POSTGRES_URI']!],
];

// The peers themselves take minutes to install: what is asked of them is in peers.test.ts.
describe('npm run bench:peers', function () {
  this.timeout(180_000);

  it('DBA-2: asks the other servers the same as ours, and gets the same rows and good answers only', async () => {
    const only = ['bare', 'list', 'book', 'top-doctors', 'monthly'].join();
    const run = await runBenchmark('peers', [...small, ...given(), '--only', only], { LOG_LEVEL: 'error' });
    expect(run.code, run.stderr).to.equal(0);
    const { remarks, results, goals } = JSON.parse(run.stdout) as Bench;
    const asked = ['list, 32', 'book, 32', 'top-doctors, 1', 'top-doctors, 32', 'monthly, 1', 'monthly, 32'];
    const anew = ['top-doctors', 'monthly'].flatMap((report) =>
      [1, 32].map((n) => `${report} anew, ${n}, ours`),
    );
    expect(results.map(({ name }) => name)).to.deep.equal([
      ...asked.flatMap((question) => [`${question}, bare node:http`, `${question}, ours`]),
      ...anew,
    ]);
    for (const { name, answers, unexpected } of results) {
      expect(unexpected, name).to.deep.equal({});
      expect(answers, name).to.be.greaterThan(0);
    }
    expect(goals.filter(({ measured }) => measured !== null)).to.have.length(10);
    // So small data says nothing of reports.
    expect(goals.slice(-8).map(({ reached }) => reached)).to.deep.equal(
      Array.from({ length: 8 }, () => null),
    );
    expect(remarks.join()).to.include('check nothing');
  });
});
