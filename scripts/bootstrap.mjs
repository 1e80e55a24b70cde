/**
 * Runs a script of this project, after installing what it needs and compiling what has changed (`compile.mjs`). Behind every
 * `npm start`, `npm test`, `npm run …`.
 *
 * Usage: node scripts/bootstrap.mjs <script.ts> [arguments…]
 *        node scripts/bootstrap.mjs test [options, mocha arguments, files…]   (scripts/test.ts)
 *        node scripts/bootstrap.mjs install
 *
 * Needs nothing but Node itself, since it runs before anything is installed. It prints to stderr only: stdout is the
 * script's, and may be piped. The exit code is the script's; 1 when the script could not be run, 2 when there is none.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const endsWithParent = pathToFileURL(join(root, 'scripts', 'ends-with-parent.mjs')).href;
const lockfile = join(root, 'package-lock.json');
const modules = join(root, 'node_modules');
const stamp = join(modules, '.package-lock.sha256');

const installMs = 30 * 60_000;
/** How often we look whether npm is still there. */
const watchMs = 500;
/** Longer than a server takes to drain and to close (`closeMs` in src/stop-signal.ts). */
const stopMs = 75_000;

const sha256 = (data) => createHash('sha256').update(data).digest('hex');

function fail(message, code = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `Node ${process.versions.node} is too old: this project needs 20.19 or later. Install it (nvm install) and try again.`,
  );
}

const readText = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/** Whether node_modules holds what package-lock.json asks for. */
function isInstalled() {
  const lock = readText(lockfile);
  if (lock === undefined) fail(`${lockfile} is missing: check out the whole project.`);
  const known = readText(stamp);
  if (known !== undefined) return known.trim() === sha256(lock);
  const present = readText(join(modules, '.package-lock.json'));
  if (present === undefined || !agrees(JSON.parse(present).packages, JSON.parse(lock).packages)) return false;
  writeFileSync(stamp, sha256(lock)); // somebody ran npm ci by hand
  return true;
}

/** npm's own note of what it has installed, against the lock; packages for other platforms may be absent. */
function agrees(present, wanted) {
  const same = (path) =>
    present[path]?.version === wanted[path]?.version && present[path]?.integrity === wanted[path]?.integrity;
  const may = (path) => !(path in present) && (wanted[path].optional || wanted[path].devOptional);
  return (
    Object.keys(present).every(same) &&
    Object.keys(wanted).every((path) => path === '' || same(path) || may(path))
  );
}

async function install() {
  process.stderr.write('Installing the dependencies (npm ci), once; this takes a minute …\n');
  // Under `npm start` the very npm that runs us; it need not be on the PATH.
  const npm = process.env.npm_execpath;
  const [program, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const shell = process.platform === 'win32' && program === 'npm';
  // NODE_ENV=production would leave out what runs TypeScript and the embedded databases.
  const ci = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const options = `${process.env.NODE_OPTIONS ?? ''} --import=${endsWithParent}`;
  const { code, signal, error } = await supervise(program, [...first, ...ci], {
    ...{ cwd: root, shell, stdio: ['ignore', 2, 2, ...(shell ? [] : ['ipc'])] },
    env: { ...process.env, NODE_OPTIONS: options.trim() },
  });
  if (signal) process.exit(128 + constants.signals[signal]);
  if (code !== 0) {
    fail(
      `npm ci failed (${error?.message ?? `exit code ${code}`}); its reason stands above. Mend it and try again.`,
    );
  }
  mkdirSync(modules, { recursive: true }); // npm makes none when there is nothing to install
  writeFileSync(stamp, sha256(readFileSync(lockfile)));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs `act` while no other bootstrap of this folder does. A folder as a lock: making one either works or does not. */
async function alone(act) {
  const lock = join(tmpdir(), `smart-healthcare-install-${sha256(root).slice(0, 16)}`);
  const owner = join(lock, 'pid');
  for (let told = false; ;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const pid = Number(readText(owner));
    // Without a pid its maker may be about to write it; a second later it has died in between.
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    // A pid may have passed to a stranger; no install takes that long.
    const left = pid ? !isAlive(pid) || Date.now() - made > installMs : Date.now() - made > 1_000;
    if (left) rmSync(lock, { recursive: true, force: true });
    else {
      if (!told)
        process.stderr.write('Another process is installing or compiling this project; waiting for it …\n');
      told = true;
      await new Promise((done) => setTimeout(done, 250));
    }
  }
  try {
    writeFileSync(owner, String(process.pid));
    await act();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

/**
 * The npm above us and the shells between, by pid; empty when nobody used npm. An npm that dies tells nobody, and its shell
 * lives on: but then this list is another one. Without /proc it is our parent only (there, shells give way to what they run).
 */
function npmAbove() {
  if (process.platform !== 'linux') return process.env.npm_lifecycle_event ? [process.ppid] : [];
  const above = [];
  let count = 0;
  for (let pid = process.ppid; pid > 0;) {
    const words = readProc(pid, 'cmdline').replaceAll('\0', ' ');
    if (above.push(pid) && /^npm /.test(words)) count = above.length;
    else if (!/^\S*sh -c /.test(words)) break;
    // proc(5): the name in parentheses may hold spaces; the parent is the second field after it.
    const stat = readProc(pid, 'stat');
    pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  }
  return above.slice(0, count);
}

/** What a signal does, or the end of the npm above us: ends us, and while there is a child it is the child's to end. */
let stop = (name) => process.exit(128 + constants.signals[name]);

function watch() {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => stop(name));
  const born = npmAbove().join();
  if (born === '') return;
  const timer = setInterval(() => {
    if (npmAbove().join() === born) return;
    clearInterval(timer);
    stop('SIGTERM');
  }, watchMs).unref();
}

/**
 * Runs a program and answers how it ended. It gets a process group of its own and each signal from us, once: with one
 * Ctrl-C the terminal signals the whole group and npm passes it on again, and a second SIGINT means "at once" to a server
 * that is draining. One that does not end in time is killed; what it leaves behind, its keeper stops.
 */
function supervise(program, args, options) {
  const child = spawn(program, args, { ...options, detached: process.platform !== 'win32' });
  let last = -Infinity;
  stop = (name) => {
    if (performance.now() - last < 1_000) return;
    if (last === -Infinity) setTimeout(() => child.kill('SIGKILL'), stopMs).unref();
    last = performance.now();
    child.kill(name);
  };
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: null, signal: null, error }));
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** Runs node with `args` and ends as it ends. */
async function run(args, cwd) {
  const { code, signal, error } = await supervise(process.execPath, ['--import', endsWithParent, ...args], {
    cwd,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  if (error) fail(`${process.execPath} did not start: ${error.message}`);
  process.exit(code ?? 128 + constants.signals[signal]);
}

/** What runs a file of TypeScript, after compiling whatever has changed. */
async function compiledWords(script) {
  const { isCompiled, compile, nodeWords } = await import('./compile.mjs');
  if (!isCompiled()) await alone(async () => isCompiled() || compile());
  return nodeWords(script);
}

watch();
checkNode();
const [what, ...args] = process.argv.slice(2);
const usage =
  'Usage: node scripts/bootstrap.mjs <script.ts> [arguments…] | test [mocha arguments…] | install';
if (what === '--help' || what === '-h') {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
if (what === undefined || (!['test', 'install'].includes(what) && !existsSync(resolve(root, what))))
  fail(what === undefined ? usage : `error: there is no script ${what}\n${usage}`, 2);
if (!isInstalled()) await alone(() => isInstalled() || install());
if (what !== 'install') {
  // The suite has a script too; it runs where the project is, whichever folder it is called from.
  const script = what === 'test' ? join(root, 'scripts', 'test.ts') : resolve(root, what);
  const words = script.endsWith('.ts') ? await compiledWords(script) : [script];
  await run([...words, ...args], what === 'test' ? root : process.cwd());
}
