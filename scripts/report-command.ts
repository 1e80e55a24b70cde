import { Command } from 'commander';
import { Problem } from '../src/lib/errors.js';
import {
  parametersOf,
  reportCatalogue,
  reportQuery,
  type AnyReport,
  type ReportQuery,
} from '../src/domains/reports/engine/index.js';
import { parse } from '../src/http/parse.js';
import { exitCodes, say, type ExitCode } from './command.js';

/** What was asked for on the command line: a report with its parameters as text, and the flags of the command. */
export interface Chosen {
  readonly report: AnyReport;
  readonly parameters: Readonly<Record<string, string>>;
  readonly flags: ReadonlySet<string>;
}

interface Described {
  keys: Record<
    string,
    { flags?: { default?: string | number | boolean; description?: string }; allow?: string[] }
  >;
}

const dashed = (name: string): string => name.replaceAll('_', '-');

/** The parameters of the report's own shape as options: `department_id` is `--department-id ID`. */
function addParameters(command: Command, report: AnyReport): void {
  const { keys } = parametersOf(report).describe() as unknown as Described;
  for (const [name, { flags = {}, allow }] of Object.entries(keys)) {
    const values = allow?.join(' | ');
    const standard = flags.default === undefined ? '' : `(${flags.default} by default)`;
    command.option(
      `--${dashed(name)} <${values ? 'word' : name}>`,
      [values, flags.description, standard].filter(Boolean).join(' '),
    );
  }
}

/**
 * A command with a subcommand for each report, whose options are the report's parameters and `flags` (name → help).
 * `chosen()` is what was asked for, or undefined when no report was named.
 */
export function reportCommand(
  name: string,
  description: string,
  flags: Readonly<Record<string, string>>,
  examples: readonly string[],
): { command: Command; chosen: () => Chosen | undefined } {
  let chosen: Chosen | undefined;
  const command = new Command(name).description(description).usage('<report> [options]').exitOverride();
  command.argument('[report]').action((unknown?: string) => {
    if (unknown !== undefined)
      command.error(`error: there is no report ${unknown}`, { exitCode: exitCodes.usage });
  });
  for (const report of reportCatalogue) {
    const sub = command
      .command(report.id)
      .description(`${report.title}. ${report.description}`)
      .summary(report.title);
    addParameters(sub, report);
    for (const [flag, help] of Object.entries(flags)) sub.option(`--${flag}`, help);
    sub.allowExcessArguments(false).action(() => {
      const given = Object.entries(sub.opts<Record<string, string | true>>());
      const snake = (option: string): string =>
        option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      chosen = {
        report,
        parameters: Object.fromEntries(
          given.flatMap(([option, value]) => (value === true ? [] : [[snake(option), value]])),
        ),
        flags: new Set(given.flatMap(([option, value]) => (value === true ? [option] : []))),
      };
    });
  }
  command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${name} ${line}`).join('\n')}`);
  return { command, chosen: () => chosen };
}

/** The reports by name, for anyone who named none. */
export const reportList = (): string =>
  reportCatalogue.map(({ id, title }) => `${id.padEnd(28)}${title}`).join('\n');

/** Checks the parameters like a request's query. Throws `invalid_request`. */
export function parsedQuery({ report, parameters }: Chosen): ReportQuery {
  const { query } = parse({ query: reportQuery(report) }, { params: {}, query: parameters, body: undefined });
  const { explain: _explain, ...rest } = query as ReportQuery;
  return rest;
}

/** Runs `work`; a refused parameter is told by its option and is a mistake of usage. */
export async function tellingMistakes(work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    const mistakes = error.options.errors ?? [{ pointer: '', message: error.message }];
    for (const { pointer, message } of mistakes)
      say(`error: ${pointer.replace('/query/', '--').replaceAll('_', '-')} ${message}`.replace('  ', ' '));
    return exitCodes.usage;
  }
}
