import { CommanderError } from 'commander';
import { ConfigError } from './config.js';
import { EmbeddedError } from './databases/embedded/index.js';
import { CannotConnect, storeOf } from './databases/failures.js';

/** What the server and every command of the house end with. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, cannotConnect: 3, foundProblem: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ConfigError) return exitCodes.usage;
  return storeOf(error) !== undefined || error instanceof EmbeddedError || error instanceof CannotConnect
    ? exitCodes.cannotConnect
    : exitCodes.failed;
}

/** What the driver says; Node gives no message where it has tried several addresses of a host, but one for each. */
const wordsOf = (error: Error): string =>
  error.message ||
  (error instanceof AggregateError ? error.errors.map((one: Error) => one.message).join(', ') : '') ||
  String(codeOf(error));

/** What a person reads of an error: one line if it is a known failure, else the stack. */
function linesOf(error: unknown, exitCode: ExitCode): string {
  const known = error instanceof Error ? error : new Error(String(error));
  if (exitCode === exitCodes.failed && known.name !== 'Error') return known.stack ?? known.name;
  const store = storeOf(error);
  return store === undefined ? wordsOf(known) : `${store}: ${wordsOf(known)}`;
}

/**
 * Tells what ended the process on stderr, and answers its exit code. A store that is away is told by its name. What is wrong with
 * the command line, and its `--help`, commander has printed itself.
 */
export function reportFailure(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const exitCode = exitCodeOf(error);
  process.stderr.write(`${linesOf(error, exitCode)}\n`);
  return exitCode;
}
