import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect } from 'chai';
import { problems } from '../../src/lib/errors.js';

/* The rules of the house that ESLint can not see. */

const files = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name));
const source = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));

/** What a file imports, with types or without: paths of ours as files, packages by their name. */
function importsOf(file: string, { types = true } = {}): string[] {
  const found = source.get(file)!.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'/gm);
  return [...found]
    .filter(([, isType]) => types || !isType)
    .map(([, , name]) => name!)
    .map((name) =>
      name.startsWith('.') ? relative('.', resolve(dirname(file), name)).replace(/\.js$/, '.ts') : name,
    );
}

describe('the house', () => {
  it('has no cycle of imports', () => {
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'open') cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (state.has(file) || !source.has(file)) return;
      state.set(file, 'open');
      for (const next of importsOf(file, { types: false })) visit(next, [...path, file]);
      state.set(file, 'done');
    };
    for (const file of files) visit(file, []);
    expect(cycles).deep.equal([]);
  });

  it('has a door in each domain, and no other domain comes in by a window', () => {
    const inside = /^src\/domains\/([^/]+)\/(.+)$/;
    const windows = files.flatMap((file) => {
      const own = inside.exec(file)?.[1];
      return importsOf(file)
        .map((name) => inside.exec(name))
        .filter((match) => match && match[1] !== own && !/^index\.ts$|\.types\.ts$/.test(match[2]!))
        .map((match) => `${file} imports ${match![0]}`);
    });
    expect(windows).deep.equal([]);
    for (const domain of readdirSync('src/domains'))
      expect(files, domain).to.include(join('src/domains', domain, 'index.ts'));
  });

  it('asks a database in a repository only, and in what stands below all domains', () => {
    const mayAsk = /\.(repository|model)\.ts$|^src\/databases\//;
    const asking = files.filter(
      (file) =>
        /^src\/domains\//.test(file) &&
        !mayAsk.test(file) &&
        importsOf(file, { types: false }).some((name) => /^(mongoose|mongodb|knex|pg)$/.test(name)),
    );
    expect(asking).deep.equal([]);
  });

  it('reads the environment in config.ts only', () => {
    const readers = files.filter((file) => /\bprocess\.env\b/.test(source.get(file)!));
    // The embedded servers are started with the environment that they need to run in.
    expect(readers.filter((file) => !file.startsWith('src/databases/embedded/'))).deep.equal([
      'src/config.ts',
    ]);
  });

  it('has no default exports, no enums and no classes but errors', () => {
    const found = files.filter((file) =>
      /^export default|^(export )?(const )?enum |^(export )?class (?!\w+ extends \w*Error\b)/m.test(
        source.get(file)!,
      ),
    );
    expect(found).deep.equal([]);
  });

  it('DOCS-3: uses every problem code that it lists', () => {
    const used = [...source].filter(([file]) => file !== 'src/lib/errors.ts').map(([, text]) => text);
    const unused = Object.keys(problems).filter((code) => !used.some((text) => text.includes(`'${code}'`)));
    expect(unused).deep.equal([]);
  });

  it('never tells a client the text of an error that it did not make', () => {
    const told = files.filter((file) => /new Problem\([^)]*\berror\.(message|stack)/.test(source.get(file)!));
    expect(told).deep.equal([]);
  });
});
