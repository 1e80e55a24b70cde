import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { prepareDemo } from '../../src/demo.js';
import { inStep } from '../reports/reports-fixture.js';
import { startApi, type TestApi } from '../support/api.js';
import { needCommand } from '../support/commands.js';

const run = promisify(execFile);
const readme = readFileSync('README.md', 'utf8');

/** What takes minutes has tests of its own; here it is enough that the command is there. */
const long = /^npm run (drill:failover|bench:indexes) .*$/gm;

/** Printed behind each block. */
const over = '--- the block is over';

/** Without what the day of the run decides (times, and the ids of ours that begin with one), and how lines were broken for the page. */
const settled = (text: string): string =>
  text
    .replaceAll(/"20\d\d-[\d-]+T[\d:.]+Z"/g, '"(a time)"')
    .replaceAll(/"[A-Z]+01(?:[\dA-Z]{24}|[\dA-Z]+…)"/g, '"(an id)"')
    .replaceAll(/\s+/g, '');

/** What is shown is printed, in its order; `…` stands for what was left out. */
function expectShown(printed: string, shown: string, commands: string): void {
  let rest = settled(printed);
  for (const piece of settled(shown).split('…')) {
    const at = rest.indexOf(piece);
    expect(at, `${commands}\nprints\n${printed}\nwhich has not, or not there:\n${piece}`).at.least(0);
    rest = rest.slice(at + piece.length);
  }
}

describe('README.md', function () {
  this.timeout(240_000);
  let api: TestApi;
  let dataDir: string;

  before(async () => {
    await needCommand('curl');
    api = await startApi({ MIRROR_MEGABYTES: '256' });
    dataDir = await mkdtemp(join(tmpdir(), 'smart-healthcare-readme-'));
    await prepareDemo(api.system, () => undefined, new AbortController().signal);
    await inStep(api);
  });
  after(async () => {
    await api?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('QUAL-1: every command of its sh blocks runs as it stands, on the demo data, and prints what is shown below it', async () => {
    const blocks = [...readme.matchAll(/^```sh\n([^]*?)^```(?:\s+```text\n([^]*?)^```)?/gm)].map(
      ([, commands, shown]) => ({ commands: commands!, shown }),
    );
    expect(blocks.length).greaterThan(3);
    const script = blocks
      .map(({ commands }) => `${commands}echo '${over}'\n`)
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
    const printed = stdout.split(`${over}\n`);
    for (const [n, { commands, shown }] of blocks.entries())
      if (shown) expectShown(printed[n]!, shown, commands);
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
