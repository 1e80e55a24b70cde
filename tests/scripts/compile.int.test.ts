import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';

describe('scripts/compile.mjs', function () {
  let folder: string;

  const write = (file: string, text: string): Promise<void> => writeFile(join(folder, file), text);
  const node = (...words: string[]): Promise<{ stdout: string; stderr: string }> =>
    new Promise((done) => {
      execFile(process.execPath, words, { cwd: folder }, (_error, stdout, stderr) =>
        done({ stdout, stderr }),
      );
    });
  /** As the bootstrap does: whether anything had to be compiled, and what the program says. */
  async function run(file: string): Promise<{ compiled: boolean; stdout: string; stderr: string }> {
    const script = `
      import { compile, isCompiled, nodeWords } from './scripts/compile.mjs';
      const compiled = !isCompiled();
      if (compiled) await compile();
      console.log(JSON.stringify({ compiled, words: nodeWords(${JSON.stringify(file)}) }));`;
    const { stdout, stderr } = await node('--input-type=module', '--eval', script);
    expect(stderr).to.equal('');
    const { compiled, words } = JSON.parse(stdout) as { compiled: boolean; words: string[] };
    return { compiled, ...(await node(...words)) };
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'compile-'));
    for (const name of ['scripts', 'src']) await mkdir(join(folder, name));
    await cp(join('scripts', 'compile.mjs'), join(folder, 'scripts', 'compile.mjs'));
    await symlink(resolve('node_modules'), join(folder, 'node_modules'));
    await write('package.json', '{ "name": "tiny", "type": "module" }');
    await write('src/two.ts', 'export const two: number = 2;');
    await write('src/note.txt', 'beside the source');
    await write(
      'src/main.ts',
      `import { readFileSync } from 'node:fs';
       import { two } from './two.js';
       import { three } from '../scripts/three.mjs';
       import json from '../package.json' with { type: 'json' };
       const note: string = readFileSync(new URL('note.txt', import.meta.url), 'utf8');
       console.log(json.name, two, three, note);`,
    );
    await write('scripts/three.mjs', 'export const three = 3;');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('QUAL-1: what is compiled finds its own modules, and what lies beside its source', async () => {
    expect(await run('src/main.ts')).to.deep.equal({
      compiled: true,
      stdout: 'tiny 2 3 beside the source\n',
      stderr: '',
    });
  });

  it('QUAL-1: compiles once, and again what has changed, to an older file too', async () => {
    expect((await run('src/main.ts')).compiled).to.equal(false);
    await write('src/two.ts', 'export const two: number = 22;');
    await utimes(join(folder, 'src/two.ts'), 1_600_000_000.1234, 1_600_000_000.1234);
    expect(await run('src/main.ts')).to.include({ compiled: true, stdout: 'tiny 22 3 beside the source\n' });
    expect((await run('src/main.ts')).compiled).to.equal(false);
  });

  it('QUAL-1: a file that is no TypeScript stops those who load it, by its name and line, and nobody else', async () => {
    await write('src/broken.ts', 'const a: number = ;');
    await write('src/other.ts', `console.log('fine');`);
    expect(await run('src/other.ts')).to.include({ compiled: true, stdout: 'fine\n' });
    expect((await run('src/broken.ts')).stderr).to.match(/src\/broken\.ts:1:18/);
    await rm(join(folder, 'src/broken.ts'));
  });

  it('QUAL-1: an error names the line of the source', async () => {
    await write('src/fails.ts', `interface A {\n  b: string;\n}\n\nthrow new Error('here');`);
    expect((await run('src/fails.ts')).stderr).to.match(/src\/fails\.ts:5:/);
  });

  it('QUAL-1: what another compiler has made is made again', async () => {
    expect((await run('src/main.ts')).compiled).to.equal(false);
    await write('.build/stamp', 'another');
    expect(await run('src/main.ts')).to.include({ compiled: true, stdout: 'tiny 22 3 beside the source\n' });
  });
});
