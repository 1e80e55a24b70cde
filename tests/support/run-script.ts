import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { nodeWords } from '../../scripts/compile.mjs';
import type { TestApi } from './api.js';

export interface ScriptRun {
  /** Of the process that has ended: what it made for itself is named by it. */
  readonly pid: number;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** Runs a file of the house by itself, as `npm run` does after installing. */
async function runFile(file: string, args: readonly string[], env: Environment = {}): Promise<ScriptRun> {
  const child = spawn(process.execPath, [...nodeWords(file), ...args], {
    env: { ...process.env, ...env },
  });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('exit', resolve)),
  ]);
  return { pid: child.pid!, code, stdout, stderr };
}

/** A command of `scripts/`. */
export const runScript = (name: string, args: readonly string[], env?: Environment): Promise<ScriptRun> =>
  runFile(`scripts/${name}.ts`, args, env);

/** The same while an API runs, on its databases. */
export function runScriptOn({ system }: TestApi, name: string, args: readonly string[]): Promise<ScriptRun> {
  const { stores, config } = system.around;
  return runScript(name, args, {
    MONGODB_URI: config.mongodbUri!.replace(/\/[^/?]*(\?|$)/, `/${stores.connection.name}$1`),
    POSTGRES_URI: config.postgresUri!,
    DATA_DIR: config.dataDir,
    LOG_LEVEL: 'error',
  });
}

/** A question of `benchmarks/`. */
export const runBenchmark = (name: string, args: readonly string[], env?: Environment): Promise<ScriptRun> =>
  runFile(`benchmarks/${name}.bench.ts`, args, env);
