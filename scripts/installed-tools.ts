import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program that a command needs beside ours, as npm or pip has it. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  /** What installs it into a folder; npm's and pip's own configuration says from where. */
  installer(folder: string): readonly [program: string, ...args: string[]];
}

export const byNpm = (...packages: readonly string[]): Tool['installer'] => {
  const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'];
  return (folder) => ['npm', 'install', '--prefix', folder, ...quietly, ...packages];
};

export const byPip =
  (...packages: readonly string[]): Tool['installer'] =>
  (folder) => ['python3', '-m', 'pip', 'install', '--quiet', '--target', folder, ...packages];

const installMs = 900_000;

const home = join(tmpdir(), `smart-healthcare-tools-${process.getuid?.() ?? 0}`);

/** Where a tool stays for the next run: another version has another folder. */
export const folderOf = ({ name, version }: Tool): string => join(home, `${name}-${version}`);

/** What is in it is run: nobody else may have put it there. Throws when somebody else has made the folder. */
async function openHome(): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const { uid } = await stat(home);
  if (process.getuid && uid !== process.getuid()) throw new Error(`${home} belongs to somebody else.`);
}

/**
 * Installs a tool unless it is there, and gives its folder. A stop or a failure leaves no half of one: what is being installed
 * has another name. Throws an Error with the last words of npm or pip.
 */
export async function installTool(
  tool: Tool,
  { fresh, log, signal }: { fresh: boolean; log: (line: string) => void; signal: AbortSignal },
): Promise<string> {
  await openHome();
  const folder = folderOf(tool);
  if (fresh) await rm(folder, { recursive: true, force: true });
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  if (isThere) return folder;
  const part = `${folder}.${process.pid}`;
  try {
    await mkdir(part, { recursive: true });
    await writeFile(join(part, 'package.json'), '{ "private": true }');
    const [program, ...args] = tool.installer(part);
    log(`installing ${args.filter((word) => /[@=]\d/.test(word)).join(' and ')} into ${folder}`);
    await run(program, args, { timeout: installMs, signal, cwd: part });
    await rename(part, folder);
  } catch (error) {
    signal.throwIfAborted();
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`${tool.name} could not be installed: ${(stderr?.trim() || message).slice(-1000)}`, {
      cause: error,
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return folder;
}
