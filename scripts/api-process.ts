import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { closeMs } from '../src/stop-signal.js';
import { nodeWords } from './compile.mjs';

/** The API as its users have it: a process of its own that is told nothing of the drill. */
export interface ApiProcess {
  readonly url: string;
  readonly pid: number;
  /** The first lines of each sort that it logged as `error` or `fatal`, and how often: none is the aim. */
  readonly faults: Readonly<Record<string, number>>;
  /** Throws when the process has ended: nothing in a drill may end it. */
  assertAlive(): void;
  /** The signal that ended the process; null when it ended by itself. */
  readonly ended: Promise<NodeJS.Signals | null>;
  stop(): Promise<void>;
}

/** The servers of a drill or a race, and where its files are. */
export interface ApiServers {
  readonly mongodbUri: string;
  readonly postgresUri: string;
  readonly dataDir: string;
}

type Settings = Readonly<Record<string, string>>;

export interface ApiOptions {
  readonly signal: AbortSignal;
  /** On top of `apiSettings`. */
  readonly settings?: Settings;
  /** A checkout of another version, with its packages; ours unless given. */
  readonly root?: string;
  /** Sees each line that is logged. */
  readonly onLine?: (line: string) => void;
}

export const admin = { email: 'admin@drill.example', password: 'Correct-Horse-9-Battery' } as const;

const endsWithParent = new URL('ends-with-parent.mjs', import.meta.url).href;
const tsx = import.meta.resolve('tsx');
const startMs = 180_000;
const many = '10000000';

/** What every such process is told: limits that no client of a drill reaches, and nothing that comes by itself. */
export const apiSettings = ({ mongodbUri, postgresUri, dataDir }: ApiServers): Settings => ({
  ...{ NODE_ENV: 'test', PORT: '0', LOG_LEVEL: 'warn' },
  ...{ MONGODB_URI: mongodbUri, POSTGRES_URI: postgresUri, DATA_DIR: dataDir, SEED_DEMO: 'false' },
  ...{ ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password, BCRYPT_COST: '4' },
  ...{
    RATE_LIMIT_LOGIN: '1000000',
    RATE_LIMIT_AUTH: '1000000',
    RATE_LIMIT_WRITE: many,
    RATE_LIMIT_READ: many,
  },
  ...{ LOGIN_ATTEMPTS: '1000000', MAX_SESSIONS: '1000' },
  ...{ ACCESS_TOKEN_SECONDS: '86400', BOOKING_DAYS: '730', RECONCILE_MINUTES: '0' },
});

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly error?: { readonly name?: string; readonly code?: string | number; readonly message?: string };
}

/** pino's number of `error`. */
const errorLevel = 50;
/** Of its last words, for the message when it ends. */
const keptLines = 20;

/** What an error is called in the report; undefined for a line that tells of none. */
function faultIn(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  const { level, msg, error = {} } = JSON.parse(line) as LogLine;
  if (level < errorLevel) return undefined;
  return [msg, error.name, error.code, error.message].filter((part) => part !== undefined).join(' ');
}

/** Starts `src/main.ts` in `dataDir`, where no `.env` of the developer's is. */
export async function startApiProcess(
  servers: ApiServers,
  { signal, settings, onLine, root }: ApiOptions,
): Promise<ApiProcess> {
  const { PATH, HOME } = process.env;
  // Another version is compiled by nobody; which of the two ways its code came into the process costs nothing later.
  const words =
    root === undefined ? nodeWords('src/main.ts') : ['--import', tsx, join(root, 'src', 'main.ts')];
  const child = spawn(process.execPath, ['--import', endsWithParent, ...words], {
    cwd: servers.dataDir,
    env: { PATH, HOME, ...apiSettings(servers), ...settings },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = once(child, 'exit').then(([, by]) => by as NodeJS.Signals | null);
  const faults: Record<string, number> = {};
  let rest = '';
  const last: string[] = [];
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      onLine?.(line);
      const fault = faultIn(line);
      if (fault !== undefined) faults[fault] = (faults[fault] ?? 0) + 1;
      last.push(line);
    }
    last.splice(0, last.length - keptLines);
  });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const assertAlive = (): void => {
    if (hasEnded())
      throw new Error(
        `The API has ended by itself (${child.exitCode ?? child.signalCode}): ${last.join('\n')}`,
      );
  };
  async function stop(): Promise<void> {
    if (hasEnded()) return;
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), closeMs + 5_000);
    await ended;
    clearTimeout(late);
  }
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let printed = '';
      child.stdout!.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const found = /API\s+(http:\S+)\/api/.exec(printed);
        if (found) resolve(found[1]!);
      });
      child.once('close', () => reject(new Error(`The API did not start: ${last.join('\n')}`)));
      AbortSignal.any([signal, AbortSignal.timeout(startMs)]).addEventListener('abort', () =>
        reject(new Error(`The API has not started within ${startMs / 1000} s.`)),
      );
    });
    return { url, pid: child.pid!, faults, assertAlive, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
