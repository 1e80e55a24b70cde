/**
 * Compiles the project's TypeScript to JavaScript in `.build/`, file by file and once for each change: a process that runs what
 * is compiled starts in half of the time of one whose loader translates as it goes.
 *
 * What is compiled says of itself that it is its source (`import.meta`): files beside the source are found from it.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const build = join(root, '.build');
const stamp = join(build, 'stamp');
const folders = ['src', 'scripts', 'aggregations', 'benchmarks', 'tests'];

/** Where a file of ours is in the build: what is no TypeScript has its own name there. */
const targetOf = (source) => join(build, relative(root, source).replace(/\.ts$/, '.js'));

const readText = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

/** To the millisecond: no file system keeps a time that is set more finely than it was read. */
const modified = (file) => Math.round(statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? NaN);

const filesIn = (folder) =>
  existsSync(folder) ? readdirSync(folder, { recursive: true }).map((file) => join(folder, file)) : [];

/** All that a module of ours imports. */
const sources = () => [
  join(root, 'package.json'),
  ...folders
    .flatMap((folder) => filesIn(join(root, folder)))
    .filter((file) => /(?<!\.d)\.ts$|\.mjs$/.test(file)),
];

/** What is kept was made by this compiler, this form of this file, in this place. */
const version = () => {
  const compiler = readText(join(root, 'node_modules', 'esbuild', 'package.json'));
  return createHash('sha256')
    .update(`${compiler} ${root} ${readText(fileURLToPath(import.meta.url))}`)
    .digest('hex');
};

const staleFiles = () => sources().filter((source) => modified(targetOf(source)) !== modified(source));

/** Whether all is compiled as it stands. */
export const isCompiled = () => readText(stamp) === version() && staleFiles().length === 0;

/** A file that cannot be compiled stops those who load it, and nobody else. */
const javascriptOf = (source, text, transform) =>
  transform(text, {
    ...{ loader: 'ts', format: 'esm', target: 'node20.19' },
    ...{ sourcefile: source, sourcemap: 'inline', sourcesContent: false },
    define: {
      'import.meta.url': JSON.stringify(pathToFileURL(source).href),
      'import.meta.filename': JSON.stringify(source),
      'import.meta.dirname': JSON.stringify(dirname(source)),
    },
  }).then(
    ({ code }) => code,
    ({ message }) => `throw new SyntaxError(${JSON.stringify(message)});`,
  );

async function compileFile(source, transform) {
  const seconds = modified(source) / 1000;
  const text = readFileSync(source, 'utf8');
  const code = source.endsWith('.json') ? text : await javascriptOf(source, text, transform);
  const target = targetOf(source);
  mkdirSync(dirname(target), { recursive: true });
  // Whole or not at all, for those who start meanwhile.
  const draft = `${target}.${process.pid}`;
  writeFileSync(draft, code);
  utimesSync(draft, seconds, seconds);
  renameSync(draft, target);
}

/** Compiles what has changed since the last time; one process at a time may do it. */
export async function compile() {
  if (readText(stamp) !== version()) {
    rmSync(build, { recursive: true, force: true });
    mkdirSync(build);
    writeFileSync(stamp, version());
  }
  const { stop, transform } = await import('esbuild');
  await Promise.all(staleFiles().map((source) => compileFile(source, transform)));
  // Its process would stay as long as ours, which watches over a server.
  await stop();
}

/** The words after `node` that run a file of this project: one of TypeScript as it was compiled last. */
export function nodeWords(file) {
  const source = resolve(root, file);
  return source.endsWith('.ts') ? ['--enable-source-maps', targetOf(source)] : [source];
}
