import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { allTestFiles } from '../../scripts/test-files.js';
import { runScript } from '../support/run-script.js';
import { size } from '../support/size.js';

const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');

/** What a run begins with is not for the runs that it starts. */
function environment(): Record<string, string> {
  const mine = /^(MOCHA_WORKER_ID|TEST_(RUN_FOLDER|RESULT|SUMMARY|DEADLINE|MONGODB_URI|POSTGRES_.*))$/;
  const rest = Object.entries(process.env).filter(([name]) => !mine.test(name));
  return Object.fromEntries(rest) as Record<string, string>;
}

describe('npm test', function () {
  this.timeout(180_000);

  it('QUAL-6: says what there is, and refuses a number that is none with 2', async () => {
    const help = await runScript('test', ['--help']);
    expect(help.code).equal(0);
    expect(help.stdout)
      .match(/--repeat N/)
      .and.match(/--minutes N/)
      .and.match(/^Exit codes: 0 all passed/m);
    for (const wrong of [['--repeat', '0'], ['--repeat'], ['--minutes=soon']]) {
      const { code, stderr } = await runScript('test', wrong);
      expect({ code, stderr }).deep.equal({
        code: 2,
        stderr: `${wrong[0]!.split('=')[0]} must be a whole number from 1 to ${/minutes/.test(wrong[0]!) ? 10000 : 1000}.\n`,
      });
    }
  });

  it('QUAL-6: npm run test:matrix says what there is, and refuses a place that there is not with 2', async () => {
    expect((await runScript('test-matrix', ['--help'])).stdout)
      .match(/--only <text>/)
      .and.match(/Exit codes/);
    const { code, stderr } = await runScript('test-matrix', ['--only', 'node 18']);
    expect(code).equal(2);
    expect(stderr).match(/^Nothing is called "node 18": node 20\.19 postgres 18, /);
  });

  it('QUAL-6: has every test file once, and begins with the slow ones', () => {
    const files = allTestFiles();
    expect(new Set(files).size).equal(files.length);
    expect(files).include('tests/scripts/test.int.test.ts').and.include('tests/lib/page.test.ts');
    expect(files.indexOf('tests/lib/page.test.ts')).above(files.indexOf('tests/http/vectors.int.test.ts'));
  });

  it('QUAL-6: a test that hangs fails and says what it waited for; a run that hangs ends by itself', async () => {
    const words = [mocha, 'tests/scripts/hanging.ts'];
    const child = spawn(process.execPath, words, { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] });
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number]>]);
    expect(code).equal(1);
    expect(said)
      .match(
        /"what hangs waits for Postgres" has passed its time. It was waiting for:\n[^]*?connection to mongod 0/,
      )
      .and.match(
        /^ {4}Postgres: \d+ is active for \d+ s, waits for Timeout PgSleep: select pg_sleep\(600\)$/m,
      )
      .and.match(/^ {4}MongoDB: getmore on t_\w+\.ticks for \d+ s/m)
      .and.match(/The run has passed its time. Process \d+ was waiting for:/)
      .and.match(/: tests\/scripts\/hanging\.ts › what hangs waits for nobody knows what, \d+ s ago/);
  });

  if (size({ usual: false, long: true }))
    it('QUAL-6: --repeat goes on after a run that fails, and counts', async () => {
      const args = ['--repeat', '2', 'tests/scripts/hanging.ts', '--grep', 'waits for (Postgres|MongoDB)'];
      const { code, stdout } = await runScript('test', args, environment());
      expect(code).equal(1);
      expect(stdout).match(/^\| run \| passed \| failed \| minutes \|$/m);
      expect(stdout.match(/^\| +[12] +\| +0 \| +2 \|/gm)).to.have.length(2);
    });
});
