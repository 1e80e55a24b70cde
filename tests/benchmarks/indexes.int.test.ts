import { expect } from 'chai';
import { listQuestions, reportQuestions } from '../../benchmarks/indexes/questions.js';
import { runBenchmark } from '../support/run-script.js';

interface Cost {
  readonly ms: number;
  readonly returned: number;
  readonly keys: number;
  readonly documents: number;
  readonly plan: string;
}

interface Measured {
  readonly question: string;
  readonly store: 'mongodb' | 'postgres';
  readonly with: Cost;
  readonly without: Cost | null;
}

interface Bench {
  readonly records: Record<string, number>;
  readonly queries: readonly Measured[];
}

const bench = (...args: string[]) => runBenchmark('indexes', args, { LOG_LEVEL: 'error' });

describe('npm run bench:indexes', function () {
  this.timeout(180_000);
  let result: Bench;

  before(async () => {
    const servers = [
      '--uri',
      process.env['TEST_MONGODB_URI']!,
      '--postgres-uri',
      process.env['TEST_POSTGRES_URI']!,
    ];
    const run = await bench('--appointments', '2000', '--rounds', '1', '--json', ...servers);
    expect(run.code, run.stderr).to.equal(0);
    result = JSON.parse(run.stdout) as Bench;
  });

  const measured = (question: string): Measured => result.queries.find((one) => one.question === question)!;

  it('DBA-2: measures every report and list, over data of the size asked for', () => {
    expect(result.records['appointments']).to.be.within(1000, 4000);
    const asked = new Set(result.queries.map(({ question }) => question));
    expect([...reportQuestions, ...listQuestions].filter((question) => !asked.has(question))).to.deep.equal(
      [],
    );
    for (const one of result.queries) expect(one.with.ms, one.question).to.be.greaterThan(0);
  });

  it('DBA-2: with and without give the same rows; without, all documents are examined', () => {
    for (const { question, with: cost, without } of result.queries)
      if (without) expect(without.returned, question).to.equal(cost.returned);
    const byDoctor = measured('/appointments?patient_id={patient}');
    expect(byDoctor.with.plan).to.equal('patient_id_1_date_1__id_1, FETCH');
    expect(byDoctor.with.documents).to.be.at.most(byDoctor.with.returned);
    expect(byDoctor.without!.plan).to.match(/COLLSCAN/);
    expect(byDoctor.without!.documents).to.equal(result.records['appointments']);
    expect(measured('/patients?q={surname}').without!.plan).to.match(/COLLSCAN/);
    expect(measured('/billing?patient_id={patient}').without!.plan).to.match(/Seq Scan/);
  });

  it('DBA-1: no list of the API scans a collection', () => {
    const mongo = result.queries.filter(
      ({ question, store }) => store === 'mongodb' && listQuestions.includes(question),
    );
    const scanning = mongo.filter(({ with: { plan } }) => plan.includes('COLLSCAN'));
    expect(scanning.map(({ question }) => question)).to.deep.equal([]);
  });

  it('DBA-2: ends with 2 when it is told of one store only', async () => {
    expect((await bench('--uri', 'mongodb://127.0.0.1:1/')).code).to.equal(2);
  });
});
