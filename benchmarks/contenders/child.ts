import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BSON } from 'mongodb';
import { poll } from '../../src/databases/embedded/processes.js';
import { unlessStopped } from '../../src/stop-signal.js';
import { pipelines } from './questions.js';

/** What a server is told, as Extended JSON in BENCH_SERVER, which Python reads too. */
export interface ServerSettings {
  readonly port: number;
  /** Names the database that is read. */
  readonly mongodb_uri: string;
  /** Where bare puts bookings; the peers have databases of their own. */
  readonly bookings_database?: string;
  /** A booking of bare claims its slot too, in one transaction. */
  readonly claims_slots?: boolean;
  readonly reports: typeof pipelines;
}

export interface Child {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

interface ChildOptions {
  readonly name: string;
  /** The program and its arguments. */
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly settings: Omit<ServerSettings, 'reports'>;
  /** Some write a log where they are started, whatever they are told. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

const startMs = 60_000;
const stopMs = 5_000;
const keptChars = 2_000;

export const serverSettings = (): ServerSettings =>
  BSON.EJSON.parse(process.env['BENCH_SERVER'] ?? '{}') as ServerSettings;

/** Starts a server and waits until it answers anything; its last words are in the error when it ends instead. */
export async function startChild({ name, words, env, settings, cwd, signal }: ChildOptions): Promise<Child> {
  const { PATH, HOME } = process.env;
  const told: ServerSettings = { ...settings, reports: pipelines };
  const child = spawn(words[0]!, words.slice(1), {
    cwd,
    env: { PATH, HOME, ...env, BENCH_SERVER: BSON.EJSON.stringify(told) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  // A program that is not there: told by `hasEnded` below.
  ended.catch(() => undefined);
  let last = '';
  const keep = (text: string): void => void (last = (last + text).slice(-keptChars));
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  child.on('error', (error) => keep(error.message));
  const hasEnded = (): boolean =>
    child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  async function stop(): Promise<void> {
    if (hasEnded()) return;
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), stopMs);
    await ended;
    clearTimeout(late);
  }
  const url = `http://127.0.0.1:${settings.port}`;
  const answers = (): Promise<boolean> =>
    fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      () => true,
      () => hasEnded(),
    );
  try {
    await unlessStopped(signal, poll(answers, startMs, 100));
    if (hasEnded() || !(await answers())) throw new Error(`${name} did not start: ${last.trim()}`);
    return { url, pid: child.pid!, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
