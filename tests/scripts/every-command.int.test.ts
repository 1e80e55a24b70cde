import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Called } from '../support/walk-commands.js';

const run = promisify(execFile);

/** Every file of the two folders that somebody can type, and the server itself. */
const commands = [
  ...['scripts', 'benchmarks'].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`)
      .filter((file) => /^await runCommand/m.test(readFileSync(file, 'utf8'))),
  ),
  'src/main.ts',
];

async function call(lines: readonly (readonly string[])[]): Promise<readonly Called[]> {
  const args = ['--import', 'tsx', 'tests/support/walk-commands.ts', JSON.stringify(lines)];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 2 ** 20 });
  return JSON.parse(stdout) as Called[];
}

/** Free text, of which nothing can be wrong before it is used. */
const freeText = /<(email|password|folder|file|name|word|path|dir|kinds?|text)>/;

describe('every command', function () {
  this.timeout(240_000);
  let helps: readonly Called[];

  before(async () => {
    helps = await call(commands.map((file) => [file, '--help']));
  });

  it('DOCS-4: prints its help with --help, usage and exit codes in it, and does nothing else', () => {
    expect(commands).to.have.length.above(22);
    for (const { line, code, stdout, stderr } of helps) {
      expect({ line, code, stderr }).to.deep.equal({ line, code: 0, stderr: '' });
      expect(stdout, line[0])
        .to.match(/^Usage: np[mx] /)
        .and.match(/\nExit codes: 0 .*\b2 usage/);
    }
  });

  it('DOCS-4: prints JSON when asked, which its help says', async () => {
    const reports = await call(
      ['scripts/run-report.ts', 'scripts/print-aggregation.ts'].map((file) => [
        file,
        'top-doctors',
        '--help',
      ]),
    );
    const without = [...helps, ...reports]
      .filter(({ stdout }) => !stdout.includes('--json'))
      .map(({ line }) => line.slice(0, -1).join(' '));
    // What has a report's name before its options says so below that name; a server prints no result.
    expect(without).to.deep.equal(['src/main.ts']);
  });

  it('DOCS-4: ends with 2, and one line of reason, for an unknown option, a stray or missing argument and a bad value', async () => {
    const lines: string[][] = [];
    for (const { line, stdout } of helps) {
      const file = line[0]!;
      const isReport = /run-report|print-aggregation/.test(file);
      lines.push([file, '--no-such-option'], [file, 'no-such-word', 'another', 'third']);
      if (/^Usage: .* <\w+>/m.test(stdout) || /required|compare-reports|import-records/.test(file))
        if (!isReport) lines.push([file]);
      if (isReport)
        lines.push([file, 'top-doctors', '--no-such'], [file, 'top-doctors', '--from', 'no-such-day']);
      for (const [option, flag] of stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+) <[^>]+>/gm))
        if (!freeText.test(option)) lines.push([file, flag!, 'no such value'], [file, flag!]);
    }
    expect(lines).to.have.length.above(100);
    const wrong = (await call(lines)).filter(
      ({ code, stdout, stderr }) => code !== 2 || stdout !== '' || !/^error: [^\n]+\n/.test(stderr),
    );
    expect(
      wrong.map(({ line, code, stderr }) => `${line.join(' ')}: ${code} ${stderr.slice(0, 200)}`),
    ).to.deep.equal([]);
  });

  it('DOCS-4: says of a store that is away which it is and where, without its password', async () => {
    const away = {
      MONGODB_URI: 'mongodb://api:secret@127.0.0.1:9/x?replicaSet=r&serverSelectionTimeoutMS=300',
    };
    const sql = { POSTGRES_URI: 'postgres://api:secret@127.0.0.1:9/x' };
    const { TEST_MONGODB_URI: MONGODB_URI = '', ...env } = process.env;
    for (const [file, ...args] of [['src/main.ts'], ['scripts/check-indexes.ts']] as [string, ...string[]][])
      for (const [settings, said] of [
        [{ ...away, ...sql }, 'MongoDB at 127.0.0.1:9 cannot be reached: '],
        [
          { MONGODB_URI, ...sql },
          'Postgres at 127.0.0.1:9 cannot be reached: connect ECONNREFUSED 127.0.0.1:9\n',
        ],
      ] as const) {
        const failed = await run(process.execPath, ['--import', 'tsx', file, ...args], {
          env: { ...env, ...settings, SEED_DEMO: 'false' },
        }).catch((error: { code: number; stderr: string }) => error);
        expect(failed, `${file}`).to.include({ code: 3 });
        expect(failed.stderr).to.include(said).and.not.include('secret');
      }
  });

  it('DOCS-4: seed shows the day that it ends on, and the bootstrap its own usage', async () => {
    const seed = helps.find(({ line }) => line[0] === 'scripts/seed-records.ts')!;
    expect(seed.stdout).to.match(/--until <day>[^]*\(default: \d{4}-\d\d-\d\d\)/);
    const bootstrap = (...args: string[]) =>
      run(process.execPath, ['scripts/bootstrap.mjs', ...args]).then(
        () => 0,
        ({ code }: { code: number }) => code,
      );
    expect(await bootstrap('--help')).to.equal(0);
    expect(await bootstrap()).to.equal(2);
    expect(await bootstrap('scripts/no-such.ts')).to.equal(2);
  });
});
