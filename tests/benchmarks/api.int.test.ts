import { expect } from 'chai';
import { runBenchmark } from '../support/run-script.js';

interface Bench {
  readonly rounds: number;
  readonly records: Readonly<Record<string, number>>;
  readonly results: readonly {
    readonly name: string;
    readonly answers: number;
    readonly unexpected: Readonly<Record<string, number>>;
    readonly rounds: readonly { readonly answers: number }[];
  }[];
  readonly authentication_us: readonly number[];
  readonly goals: readonly { readonly what: string; readonly measured: number | null }[];
}

const small = ['--appointments', '500', '--rounds', '1', '--seconds', '0.3', '--json'];
const given = (): string[] => [
  ...['--uri', process.env['TEST_MONGODB_URI']!],
  ...['--postgres-uri', process.env['TEST_POSTGRES_URI']!],
];

describe('npm run bench:api', function () {
  this.timeout(180_000);

  it('DBA-2: measures our API beside the bare server, which answers the same, and gets good answers only', async () => {
    const only = ['patient', 'book', 'readers', 'not-modified', 'storm', 'authentication'].join();
    const settings = { LOG_LEVEL: 'error', BCRYPT_COST: '4' };
    const run = await runBenchmark('api', [...small, ...given(), '--only', only], settings);
    const { records, results, authentication_us, goals } = JSON.parse(run.stdout) as Bench;
    // Figures that fall behind on a busy machine are answered anew from the records: 200, and counted as such.
    const anew = results.flatMap(({ name, unexpected }) =>
      Object.keys(unexpected).map((answer) => `${name}: ${answer}`),
    );
    for (const one of anew) expect(one).to.equal('not-modified, 32, ours: 200');
    expect(run.code, run.stderr).to.equal(anew.length > 0 ? 4 : 0);
    expect(records['appointments']).to.be.greaterThan(200);
    expect(results.map(({ name }) => name)).to.deep.equal([
      ...['patient, 32, bare node:http', 'patient, 32, ours'],
      ...['book, 32, bare node:http', 'book, 32, ours', 'book, 32, bare, slot claimed'],
      ...['readers, 32, ours', 'not-modified, 32, ours', 'storm, 32, ours'],
      'logins, 8, ours',
    ]);
    for (const { name, answers, rounds } of results)
      expect(answers, name).to.equal(rounds[0]!.answers).and.be.at.least(8);
    expect(authentication_us).to.have.length(1);
    const unmeasured = goals.filter(({ measured }) => measured === null).map(({ what }) => what);
    expect(unmeasured).to.have.length(1);
    expect(unmeasured.join()).to.match(/^GET 20 /);
  });

  it('DBA-2: ends with 2 when it is told of one store only', async () => {
    expect((await runBenchmark('api', ['--uri', 'mongodb://127.0.0.1:1/'])).code).to.equal(2);
  });
});
