import { expect } from 'chai';
import { runScript } from '../support/run-script.js';

interface Told {
  readonly runs: readonly {
    readonly role: string;
    readonly operations: number;
    readonly cases: number;
    readonly failures: readonly object[];
    readonly faults: object;
  }[];
}

const fuzz = (...args: string[]) => runScript('fuzz-contract', args);

describe('npm run fuzz:contract', function () {
  this.timeout(1_200_000);

  it('ends with 2 when it is told of a role that there is not, or of no examples', async () => {
    const run = await fuzz('--role', 'admin,king');
    expect(run.code).to.equal(2);
    expect(run.stderr).to.include('king is none of patient, doctor');
    for (const wrong of [
      ['--examples', '0'],
      ['--paths', '^/none'],
      ['--paths', '('],
    ])
      expect((await fuzz(...wrong)).code, wrong.join(' ')).to.equal(2);
  });

  // Schemathesis is installed by pip, which takes a minute.
  if (process.env['TEST_LONG'])
    it('QUAL-4, DOCS-1: finds no answer that the document does not describe', async () => {
      const run = await fuzz(
        '--role',
        'admin',
        '--paths',
        '^/(hospitals|departments)',
        '--examples',
        '5',
        '--json',
      );
      expect(run.code, run.stderr).to.equal(0);
      const [told] = (JSON.parse(run.stdout) as Told).runs;
      expect(told).to.include({ role: 'admin', operations: 11 });
      expect(told!.cases).to.be.above(300);
    });
});
