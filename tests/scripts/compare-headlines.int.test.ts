import { expect } from 'chai';
import { cases, type Compared } from '../../scripts/compare/headlines.js';
import { needCommand } from '../support/commands.js';
import { runScript } from '../support/run-script.js';

const compare = (...args: string[]) => runScript('compare-headlines', args, { LOG_LEVEL: 'error' });

describe('npm run compare:headlines', function () {
  this.timeout(300_000);
  before(() => needCommand('pdftotext', 'poppler-utils'));

  it('REP-13: every headline is the same on the page, in PDF, Excel and CSV, by the API and by the definition', async () => {
    const run = await compare(
      ...['--appointments', '600', '--json'],
      ...['--uri', process.env['TEST_MONGODB_URI']!, '--postgres-uri', process.env['TEST_POSTGRES_URI']!],
    );
    expect(run.code, run.stderr).to.equal(0);
    const { compared } = JSON.parse(run.stdout) as { compared: Compared[] };
    expect(compared.map(({ report }) => report)).to.deep.equal(cases.map(({ report }) => report));
    const figures = compared.flatMap(({ headlines }) => headlines);
    expect(figures.filter(({ page, pdf, xlsx }) => page && pdf && xlsx)).to.have.length.above(20);
    expect(figures.filter(({ csv }) => csv)).to.have.length.above(20);
  });

  it('ends with 2 when it is told of one store only, or of a size that is none', async () => {
    expect((await compare('--uri', 'mongodb://127.0.0.1:1/')).code).to.equal(2);
    expect((await compare('--appointments', 'many')).code).to.equal(2);
  });
});
