/**
 * Is a slot ever given twice? Patients race for the same slots over HTTP, on two API processes and one replica set: many
 * for one slot, ten for each of many, and those again while the primary is killed.
 *
 * Usage: npm run bench:booking-race                        50 rounds of 200 clients on one slot, then 500 on 50 slots
 *        npm run bench:booking-race -- --clients 20 --rounds 5 --slots 10
 *        npm run bench:booking-race -- --json
 *
 * Servers, API processes and data are its own, in a temporary folder, and gone after it. At most 200 requests are in
 * flight at a time. When the primary is killed, clients send an Idempotency-Key, and all send the same once more at the end.
 *
 * Exit codes: 0 each slot has one appointment and each other client got 409 slot_taken; 4 otherwise; 1 failed, 2 usage,
 * 3 the servers did not start.
 */
import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { apiSettings, startApiProcess, type ApiProcess } from '../scripts/api-process.js';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from '../scripts/command.js';
import { withOwnServers, type OwnServers } from '../scripts/own-servers.js';
import { createProgressLine } from '../scripts/progress.js';
import { loadConfig, readConfig } from '../src/config.js';
import { createLogger } from '../src/lib/logger.js';
import { median } from '../src/lib/median.js';
import { table } from '../src/lib/table.js';
import { openSystem } from '../src/system.js';
import { openHospital } from './booking-race/hospital.js';
import { race, raceWithKill, type KilledOutcome, type Outcome, type Track } from './booking-race/races.js';
import { machineOf, factsText, type Machine } from './machine.js';

interface Options {
  readonly clients: number;
  readonly rounds: number;
  readonly slots: number;
  readonly json?: true;
}

interface Race {
  readonly race: string;
  readonly clients: number;
  readonly slots: number;
  readonly rounds: readonly (Outcome | KilledOutcome)[];
}

interface Bench {
  readonly machine: Machine;
  readonly processes: number;
  readonly races: readonly Race[];
}

const processes = 2;
const clientsOfSlot = 10;

async function runRaces(track: Track, options: Options, signal: AbortSignal): Promise<Race[]> {
  const { clients, rounds, slots } = options;
  const { hospital } = track;
  const crowd = slots * clientsOfSlot;
  const progress = createProgressLine();
  const one: Outcome[] = [];
  const wanted = await hospital.newDoctor();
  say(`${rounds} rounds: ${clients} clients on one slot`);
  for (const slot of wanted.slots.slice(0, rounds)) {
    signal.throwIfAborted();
    one.push(await race(track, { ...wanted, slots: [slot] }, clients));
    progress.show(one.length / rounds, `round ${one.length} of ${rounds}`);
  }
  progress.clear();
  say(`${crowd} clients on ${slots} slots`);
  // Who has won before is busy at that time: each race has times of its own.
  const next = await hospital.newDoctor();
  const many = await race(track, { ...next, slots: next.slots.slice(rounds, rounds + slots) }, crowd);
  signal.throwIfAborted();
  say(`${crowd} clients on ${slots} slots, and the primary is killed`);
  const last = await hospital.newDoctor();
  const times = last.slots.slice(rounds + slots, rounds + 2 * slots);
  const killed = await raceWithKill(track, { ...last, slots: times }, crowd);
  return [
    { race: 'one slot', clients, slots: 1, rounds: one },
    { race: 'many slots', clients: crowd, slots, rounds: [many] },
    { race: 'primary killed', clients: crowd, slots, rounds: [killed] },
  ];
}

async function bench(servers: OwnServers, options: Options, signal: AbortSignal): Promise<Bench> {
  const settings = { JWT_SECRET: randomBytes(32).toString('hex'), LOG_LEVEL: 'error' };
  const config = readConfig({ ...apiSettings(servers), ...settings });
  const system = await openSystem({ config, logger: createLogger('error') });
  const starting: Promise<ApiProcess>[] = [];
  try {
    const { connection, knex } = system.around.stores;
    const patients = Math.max(options.clients, options.slots * clientsOfSlot);
    say(`starting ${processes} API processes, and registering ${patients} patients`);
    for (let n = 0; n < processes; n += 1)
      starting.push(startApiProcess(servers, { signal, settings, onLine: say }));
    const [apis, hospital] = await Promise.all([Promise.all(starting), openHospital(system.parts, patients)]);
    const urls = apis.map(({ url }) => url);
    const races = await runRaces({ urls, hospital, connection, nodes: servers.nodes }, options, signal);
    return { machine: await machineOf(connection, knex), processes, races };
  } finally {
    await Promise.allSettled(starting.map(async (api) => (await api).stop()));
    await system.close();
  }
}

const isRight = ({ rounds }: Race): boolean =>
  rounds.every((round) => round.exact && (!('changed' in round) || total(round.changed) === 0));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const total = (counts: Readonly<Record<string, number>>): number => sum(Object.values(counts));

function print({ machine, races }: Bench): void {
  const headings = [
    ...['race', 'clients', 'slots', 'rounds', '201', '409 slot_taken', 'other', 'stored', 'exact rounds'],
    ...['won before the kill', 'told to come again', 'changed when asked again', 'median ms'],
  ];
  const rows = races.map(({ race: name, clients, slots, rounds }) => {
    const killed = rounds.find((round): round is KilledOutcome => 'changed' in round);
    return [
      ...[name, clients, slots, rounds.length],
      ...[sum(rounds.map(({ booked }) => booked)), sum(rounds.map(({ taken }) => taken))],
      ...[sum(rounds.map(({ other }) => total(other))), sum(rounds.map(({ stored }) => stored))],
      rounds.filter(({ exact }) => exact).length,
      ...[killed?.booked_before, killed?.unavailable, killed && total(killed.changed)],
      Math.round(median(rounds.map(({ ms }) => ms))),
    ];
  });
  process.stdout.write(`${factsText(machine)}; ${processes} API processes\n\n${table(headings, rows)}\n`);
}

async function run(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const { mongodBinary } = loadConfig();
  const result = await withOwnServers({ mongodBinary, nodes: 3, log: say, signal }, (servers) =>
    bench(servers, options, signal),
  );
  const isClean = result.races.every(isRight);
  if (options.json) process.stdout.write(`${JSON.stringify({ clean: isClean, ...result }, null, 2)}\n`);
  else print(result);
  for (const { race: name, rounds } of result.races)
    for (const [index, round] of rounds.entries())
      for (const [what, times] of Object.entries({
        ...round.other,
        ...('changed' in round && round.changed),
      }))
        say(`${name}, round ${index + 1}: ${times} × ${what}`);
  return isClean ? exitCodes.ok : exitCodes.foundProblem;
}

const command = new Command('npm run bench:booking-race --')
  .description('Lets patients race for the same slots on two API processes, and counts who got what.')
  .option('--clients <n>', 'how many want the one slot of a round', wholeNumber(2, 2000), 200)
  .option('--rounds <n>', 'how many rounds on one slot', wholeNumber(1, 1000), 50)
  .option('--slots <n>', 'how many slots of a crowd, ten clients to each', wholeNumber(5, 500), 50)
  .option('--json', 'JSON instead of a table');

await runCommand<Options>(command, run);
