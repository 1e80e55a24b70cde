import { InvalidArgumentError, type Command } from 'commander';
import { say, wholeNumber } from '../../scripts/command.js';
import { makeRecords } from '../records.js';
import {
  givenServers,
  serverOptions,
  withBenchSystem,
  type BenchSystem,
  type ServerOptions,
} from '../servers.js';
import { startBare } from './bare.js';
import type { Contender, Records } from './contender.js';
import { startOurs, type Ours } from './ours.js';
import type { Sample } from './questions.js';
import { takeSample, type People } from './sample.js';

/** The options that both comparisons have. */
export interface SettingOptions extends ServerOptions {
  readonly appointments: number;
  readonly rounds: number;
  readonly seconds: number;
}

/** Our API and the limit, on the same records, with what they are asked for. */
export interface Setting {
  readonly system: BenchSystem;
  readonly sample: Sample;
  readonly people: People;
  readonly ours: Ours;
  readonly bare: Contender;
  /** Bare, which promises of a booking what ours does. */
  readonly claiming: Contender;
  readonly records: Records;
  /** Stops it at the end, whatever the end is. */
  start<C extends Contender>(starting: Promise<C>): Promise<C>;
}

/** Rounds are followed by their like once, to warm up. */
const warmUps = 1;

/** `--only a,b`: reads names of `known`. */
export const namesAmong =
  <N extends string>(known: readonly N[]) =>
  (text: string): N[] => {
    const names = text.split(',') as N[];
    if (names.every((name) => known.includes(name))) return names;
    throw new InvalidArgumentError(`It must name some of ${known.join(', ')}, separated by commas.`);
  };

/** A time in seconds, for how long one thing is measured: tests have less than a second. */
export function secondsOf(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds >= 0.1 && seconds <= 600) return seconds;
  throw new InvalidArgumentError('It must be a number of seconds from 0.1 to 600.');
}

export const settingOptions = (command: Command): Command =>
  serverOptions(
    command
      .option('--appointments <n>', 'how many there are, about', wholeNumber(100, 10_000_000), 400_000)
      .option('--rounds <n>', 'how often each figure is measured', wholeNumber(1, 100), 5)
      .option('--seconds <s>', 'how long each time', secondsOf, 5),
  );

interface OurWay {
  /** Of our API. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A process beside it keeps the figures of the reports: of two that are compared neither has that work. */
  readonly figuresElsewhere?: true;
}

/** Makes the records, starts both servers for `use`, and stops them after it. */
export function withSetting<T>(
  options: SettingOptions,
  { settings, figuresElsewhere }: OurWay,
  signal: AbortSignal,
  use: (setting: Setting) => Promise<T>,
): Promise<T> {
  const { appointments, rounds, seconds } = options;
  return withBenchSystem({ given: givenServers(options), log: say, signal }, async (system) => {
    const started: Promise<Contender>[] = [];
    const start = <C extends Contender>(starting: Promise<C>): Promise<C> => {
      started.push(starting);
      return starting;
    };
    try {
      await makeRecords(system.parts, appointments, signal);
      const { connection } = system.around.stores;
      const bookingSeconds = (rounds + warmUps) * seconds + 10;
      const { sample, people } = await takeSample(system.parts, connection, bookingSeconds);
      const { mongodbUri, database, dataDir } = system;
      const records = { client: connection.getClient(), mongodbUri, database, dataDir };
      if (figuresElsewhere) await system.startApi({ MODULES: 'reports', LOG_LEVEL: 'error' });
      say('starting our API, and the bare servers');
      const bare = await start(startBare(records, sample, signal));
      const claiming = await start(startBare(records, sample, signal, { claimsSlots: true }));
      const ours = await start(startOurs(system, sample, people, settings));
      return await use({ system, sample, people, ours, bare, claiming, records, start });
    } finally {
      await Promise.allSettled(started.map(async (contender) => (await contender).stop()));
    }
  });
}
