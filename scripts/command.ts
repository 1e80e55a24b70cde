import { existsSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { exitCodes, reportFailure, type ExitCode } from '../src/failure.js';
import { closeMs, endWithin, stopSignal } from '../src/stop-signal.js';

export { exitCodes, type ExitCode };

/** A message for the person at the terminal; stdout is for data. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Reads an option's value: a whole number from `min` to `max`, in digits. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

/** Reads an argument that is a file or folder. */
export function existing(path: string): string {
  if (existsSync(path)) return path;
  throw new InvalidArgumentError('There is no such file or folder.');
}

/** Reads an option's value: an address of one of these protocols; it may hold a password, and is not told again. */
export const addressOf =
  (...protocols: readonly string[]) =>
  (text: string): string => {
    if (new RegExp(`^(${protocols.join('|')})://[^\\s/]+(/\\S*)?$`).test(text)) return text;
    throw new InvalidArgumentError(
      `It must begin with ${protocols.map((name) => `${name.replace('\\', '')}://`).join(' or ')}.`,
    );
  };

const exitCodeHelp = `
Exit codes: 0 done, 1 failed or stopped, 2 usage or configuration, 3 cannot connect to the databases or start them,
4 done, and a problem or a difference was found.`;

const isCut = (error: unknown): boolean => (error as { code?: unknown } | undefined)?.code === 'EPIPE';

// Who has read enough (`| head`) stops nothing: what is under way comes to its end.
for (const output of [process.stdout, process.stderr])
  output.on('error', (error) => {
    if (!isCut(error)) throw error;
  });

/**
 * Parses the arguments, runs `work` with the options, and sets the exit code; an error is reported in one line if it is a
 * known one. After a stop `work` is told by its signal: it closes what it opened, and throws the reason.
 */
export async function runCommand<O>(
  command: Command,
  work: (options: O, signal: AbortSignal) => Promise<ExitCode>,
): Promise<void> {
  try {
    command.exitOverride().allowExcessArguments(false).addHelpText('afterAll', exitCodeHelp).parse();
    const signal = stopSignal('What is stored stays; the same command goes on from there.');
    process.exitCode = await work(command.opts<O & Record<string, unknown>>(), signal);
  } catch (error) {
    process.exitCode = isCut(error) ? exitCodes.ok : reportFailure(error);
  } finally {
    endWithin(closeMs);
  }
}
