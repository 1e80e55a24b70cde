import { ConfigError } from './config.js';
import { EmbeddedError } from './databases/embedded/index.js';
import { isPassingMongoFailure, isPassingPostgresFailure } from './databases/failures.js';

/** What the server and every command of the house end with. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, cannotConnect: 3, foundProblem: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A store that answers, and lets us not in: a wrong password (MongoDB's 18, SQLSTATE class 28), no such database or host. */
const refusals = new Set<unknown>([18, '28000', '28P01', '3D000', 'ENOTFOUND']);

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ConfigError) return exitCodes.usage;
  const away = isPassingMongoFailure(error) || isPassingPostgresFailure(error);
  return away || refusals.has(codeOf(error)) || error instanceof EmbeddedError
    ? exitCodes.cannotConnect
    : exitCodes.failed;
}

/** Tells what ended the process on stderr, and answers its exit code: one line if it is a known failure, else the stack. */
export function reportFailure(error: unknown): ExitCode {
  const exitCode = exitCodeOf(error);
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const known = exitCode !== exitCodes.failed || name === 'Error';
  // Node gives no message where it has tried several addresses of a host.
  process.stderr.write(`${known ? message || String(codeOf(error)) : stack}\n`);
  return exitCode;
}
