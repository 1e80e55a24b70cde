import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { nodeWords } from '../../scripts/compile.mjs';
import { createTestDatabase } from '../support/api.js';
import { runScript } from '../support/run-script.js';

describe('every command', function () {
  this.timeout(120_000);

  it('DOCS-4: lists the exit codes and a usage line that can be typed', async () => {
    for (const [script, usage] of Object.entries({
      'import-records': 'npm run import -- ',
      'seed-records': 'npm run seed -- ',
    })) {
      const { stdout, code } = await runScript(script, ['--help']);
      expect(code).to.equal(0);
      expect(stdout)
        .to.include(`Usage: ${usage}`)
        .and.include('Exit codes: 0 done, 1 failed or stopped, 2 usage');
    }
  });

  it('DOCS-4: a report of its own lists them too', async () => {
    expect((await runScript('run-report', ['top-doctors', '--help'])).stdout).to.include(
      'Exit codes: 0 done',
    );
  });

  it('DOCS-4: whoever reads no further, as `| head`, is no failure of it', async () => {
    for (const args of [['top-doctors'], ['--help']]) {
      const child = spawn(process.execPath, [...nodeWords('scripts/print-aggregation.ts'), ...args]);
      child.stdout.destroy();
      const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
      expect({ said, code }).to.deep.equal({ said: '', code: 0 });
    }
  });

  it('DBA-7: an errors file that cannot be written ends an import in one line, and leaves nothing open', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'commands-'));
    const database = await createTestDatabase();
    try {
      for (const name of ['patients', 'appointments']) await writeFile(join(folder, `${name}.csv`), 'id\n');
      const args = ['--source', 'medscheduler', folder, '--errors', join(folder, 'patients.csv', 'errors')];
      const { code, stderr } = await runScript('import-records', args, {
        MONGODB_URI: process.env['TEST_MONGODB_URI']!.replace(/\/[^/?]*(\?|$)/, `/${database.name}$1`),
        POSTGRES_URI: database.uri,
        DATA_DIR: folder,
      });
      expect(stderr).to.match(/^E[A-Z]+: .*\n$/);
      expect(code).to.equal(1);
    } finally {
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
