import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { inStep } from '../reports/reports-fixture.js';
import { startApi, type TestApi } from '../support/api.js';
import { needCommand } from '../support/commands.js';

const run = promisify(execFile);
const readme = readFileSync('README.md', 'utf8');

/** What takes minutes has tests of its own; here it is enough that the command is there. */
const long = /^npm run (drill:failover|bench:indexes) .*$/gm;

describe('README.md', function () {
  this.timeout(240_000);
  let api: TestApi;
  let dataDir: string;

  before(async () => {
    await needCommand('curl');
    api = await startApi({ ROLLUPS: 'true' });
    dataDir = await mkdtemp(join(tmpdir(), 'smart-healthcare-readme-'));
    const { doctor_id } = await api.make.doctor({ specialty: 'GENERAL PRACTICE' });
    const { patient_id } = await api.make.patient();
    await api.make.appointment({ doctor_id, patient_id });
    const links = { doctor: { doctor_id }, patient: { patient_id }, manager: {}, admin: {} };
    for (const role of ['doctor', 'patient', 'manager', 'admin'] as const) {
      const email = `${role}@demo.example`;
      const password = 'Demo-Hospital-2026';
      await api.system.parts.accounts.createAccount({ email, password, name: role, role, ...links[role] });
    }
    await inStep(api);
  });
  after(async () => {
    await api?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('QUAL-1: every command of its sh blocks runs as it stands', async () => {
    const blocks = [...readme.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block]) => block!);
    expect(blocks.length).greaterThan(3);
    const script = blocks
      .join('')
      .replaceAll('http://127.0.0.1:5000', api.url)
      .replaceAll('curl -s ', 'curl -sf ')
      .replaceAll('npm run ', 'npm run --silent ')
      .replaceAll(/^npm run --silent (drill:failover|bench:indexes) .*$/gm, 'npm run --silent $1 -- --help');
    const { connection } = api.system.around.stores;
    const uri = new URL(process.env['TEST_MONGODB_URI']!.replace(/,[^/?]*/, ''));
    const hosts = /^mongodb:\/\/([^/?]+)/.exec(process.env['TEST_MONGODB_URI']!)![1]!;
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
      env: {
        ...process.env,
        MONGODB_URI: `mongodb://${hosts}/${connection.name}${uri.search}`,
        POSTGRES_URI: api.system.around.stores.postgresUri,
        DATA_DIR: dataDir,
        TMPDIR: dataDir,
      },
    });
    expect(stdout).to.include('"next_cursor"').and.include('db.appointments.aggregate([');
    expect(stdout).to.include('"status":"refunded"');
    expect(readFileSync(join(dataDir, 'invoice.pdf'), 'latin1')).to.match(/^%PDF-1\.7/);
    expect(readme.match(long), 'the drill is shown').to.have.length(1);
  });

  it('names only commands, files and folders that there are', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    const commands = [...readme.matchAll(/npm run ([\w:]+(?:-\w+)*)/g)].map(([, name]) => name!);
    expect([...new Set(commands)].filter((name) => !(name in scripts))).deep.equal([]);
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path!);
    const folders = [...readme.matchAll(/^\| `([\w/.-]+\/[\w.]*)` \|/gm)].map(([, path]) => path!);
    expect([...links, ...folders].filter((path) => !existsSync(path))).deep.equal([]);
  });
});
