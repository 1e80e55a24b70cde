import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect } from 'chai';
import { ESLint } from 'eslint';
import { modules } from '../../src/contracts/modules.js';
import { problems } from '../../src/lib/errors.js';

/* The rules of the house that ESLint cannot see. */

interface Linted {
  readonly rules: Record<
    string,
    [unknown, { readonly patterns: { readonly message: string }[] }] | undefined
  >;
}

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

/** The groups in the order in which composition lists them: each may import those before it, none behind it. */
const groups: readonly string[] = modules;
const place = /^src\/domains\/([^/]+)\/([^/]+)\/(.+)$/;
const groupOf = (file: string): string | undefined => /^src\/domains\/([^/]+)\//.exec(file)?.[1];
const isDoor = (rest: string): boolean => /^index\.ts$|\.types\.ts$/.test(rest);

describe('the house', () => {
  it('QUAL-2: has no circle of imports, those of types included', () => {
    const state = new Map<string, 'open' | 'done'>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'open') circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (state.has(file) || !source.has(file)) return;
      state.set(file, 'open');
      for (const next of importsOf(file)) visit(next, [...path, file]);
      state.set(file, 'done');
    };
    for (const file of files) visit(file, []);
    expect(circles).deep.equal([]);
  });

  it('QUAL-2: has the groups that composition lists, and each imports earlier ones only', () => {
    const folders = readdirSync('src/domains', { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(folders.map(({ name }) => name).sort()).deep.equal([...groups].sort());
    const backwards = files.flatMap((file) => {
      const own = groupOf(file);
      if (own === undefined) return [];
      return importsOf(file)
        .filter((name) => groups.indexOf(groupOf(name) ?? own) > groups.indexOf(own))
        .map((name) => `${file} imports ${name}`);
    });
    expect(backwards).deep.equal([]);
  });

  it('QUAL-2: has a door in each domain, and nobody comes in by a window', () => {
    // A folder without a door is a room of its group, and open to the group only.
    const hasDoor = (group: string, domain: string): boolean =>
      source.has(join('src/domains', group, domain, 'index.ts'));
    const windows = files.flatMap((file) => {
      const ownGroup = groupOf(file);
      const ownDomain = place.exec(file)?.[2];
      return importsOf(file)
        .filter((name) => {
          const [, group, domain, rest] = place.exec(name) ?? [];
          if (group === undefined || (group === ownGroup && domain === ownDomain)) return false;
          if (group === ownGroup && !(hasDoor(group, domain!) && ownDomain && hasDoor(group, ownDomain)))
            return false;
          // The list of all models names each of them.
          const isModel = file === 'src/models.ts' && rest!.endsWith('.model.ts');
          // A worker thread loads what it renders with, and no services.
          const isRenderer = file === 'src/rendering/renderers.ts' && /(pdf|xlsx)\.ts$/.test(rest!);
          return !isDoor(rest!) && !isModel && !isRenderer;
        })
        .map((name) => `${file} imports ${name}`);
    });
    expect(windows).deep.equal([]);
  });

  it('QUAL-2: has a rule of ESLint for each file of a domain, the one of its suffix', async () => {
    const eslint = new ESLint();
    const layers = ['types', 'schema', 'policy', 'model', 'repository', 'service', 'routes'];
    const messages = new Map<string, Set<string>>();
    for (const file of files.filter((name) => place.test(name))) {
      const config = (await eslint.calculateConfigForFile(file)) as Linted;
      const rule = config.rules['no-restricted-imports'];
      const layer = layers.find((name) => file.endsWith(`.${name}.ts`)) ?? 'other';
      const message = rule?.[1]?.patterns[0]?.message ?? `none: ${file}`;
      messages.set(layer, (messages.get(layer) ?? new Set<string>()).add(message));
    }
    const told = [...messages.values()].flatMap((all) => [...all]);
    expect([...messages].filter(([, all]) => all.size !== 1)).deep.equal([]);
    expect(new Set(told).size, 'a rule of its own each').equal(told.length);
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
