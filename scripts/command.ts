import { CommanderError, InvalidArgumentError, type Command } from 'commander';
import { ConfigError } from '../src/config.js';
import { EmbeddedError } from '../src/databases/embedded/index.js';
import { isPassingMongoFailure, isPassingPostgresFailure } from '../src/databases/failures.js';

/** What every command of the house ends with. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, cannotConnect: 3, foundProblem: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A message for the person at the terminal; stdout is for data. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Reads an option's value: a whole number from `min` to `max`. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

function codeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof ConfigError) return exitCodes.usage;
  const away = isPassingMongoFailure(error) || isPassingPostgresFailure(error);
  return away || error instanceof EmbeddedError ? exitCodes.cannotConnect : exitCodes.failed;
}

/** Parses the arguments, runs `work` with the options, and sets the exit code; an error is told in one line if it is a known one. */
export async function runCommand<O>(
  command: Command,
  work: (options: O) => Promise<ExitCode>,
): Promise<void> {
  try {
    command.exitOverride().allowExcessArguments(false).parse();
    process.exitCode = await work(command.opts<O & Record<string, unknown>>());
  } catch (error) {
    process.exitCode = codeOf(error);
    if (error instanceof CommanderError) return;
    const known = process.exitCode !== exitCodes.failed || (error instanceof Error && error.name === 'Error');
    say(known ? (error as Error).message : String((error as Error).stack ?? error));
  }
}
