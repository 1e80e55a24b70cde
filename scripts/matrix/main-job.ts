import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../src/databases/embedded/postgres.js';

interface JobOptions {
  /** Of the Node that runs it. */
  readonly node: string;
  /** Binaries of a Postgres that is to be used; without it, `npm start` starts its own. */
  readonly postgresRoot?: string | undefined;
  readonly signal: AbortSignal;
}

const patienceMs = 180_000;

/** A report, asked for as the manager whose account the start has printed. */
async function askReport(printed: string, signal: AbortSignal): Promise<void> {
  const api = /API\s+(http:\S+)/.exec(printed)![1]!;
  const [, email, password] = /^ {2}manager +(\S+) +(\S+)$/m.exec(printed)!;
  const login = await fetch(`${api}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
    signal,
  });
  const { access_token } = (await login.json()) as { access_token: string };
  const report = await fetch(`${api}/reports/top-doctors`, {
    headers: { authorization: `Bearer ${access_token}` },
    signal,
  });
  const { rows } = (await report.json()) as { rows?: unknown[] };
  if (!rows?.length) throw new Error(`the report answered ${report.status} and no rows`);
}

/** `npm start` until it has answered a report, and its stop. Answers the seconds; throws what went wrong, in a line. */
export async function runMainJob({ node, postgresRoot, signal }: JobOptions): Promise<number> {
  const begun = performance.now();
  const dataDir = await mkdtemp(join(tmpdir(), 'matrix-'));
  const postgres = postgresRoot
    ? await startPostgres({ dataDir, root: postgresRoot, log: () => undefined })
    : undefined;
  const child = spawn(node, ['scripts/bootstrap.mjs', 'src/main.ts'], {
    env: {
      ...process.env,
      ...{ PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'error', SEED_DEMO: 'true' },
      ...(postgres ? { POSTGRES_URI: postgres.uri } : {}),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  try {
    let printed = '';
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    const ready = new Promise<void>((done) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        if (printed.includes('Ctrl-C')) done();
      });
    });
    const failed = ended.then(([code]): never => {
      throw new Error(`npm start ended with ${code}: ${said.trim().split('\n').at(-1)}`);
    });
    failed.catch(() => undefined);
    await Promise.race([
      ready,
      failed,
      once(limit, 'abort').then((): never => {
        throw limit.reason as Error;
      }),
    ]);
    await askReport(printed, limit);
    child.kill('SIGINT');
    const [code] = await ended;
    if (code !== 0) throw new Error(`npm start ended with ${code} when it was stopped`);
    return Math.round((performance.now() - begun) / 1000);
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await ended;
    }
    await postgres?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
