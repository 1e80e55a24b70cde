/**
 * Kills the API (SIGKILL) at each point at which a process may die between the two stores: before and after the deciding
 * commit, when a relay has taken the news, before the other store's commit, and before the news is marked as told. A client
 * asks over HTTP for what leads there; afterwards the API is started again, the client asks once more with the same
 * Idempotency-Key, `reconcile` repairs, and the relay brings once more what the dead process had taken. Then it is counted
 * what was lost, doubled or left. Before that, the process that relays a thousand events each way is killed again and again.
 *
 * Usage: npm run drill:crash -- [--kills 20] [--point appointment.completed:taken] [--lanes 2] [--json]
 *        npm run drill:crash -- --list          the points
 *        npm run drill:crash -- --kills 0       only the relays: [--events 1000] [--relay-kills 20]
 *
 * Servers and data are made for the drill and gone after it; nothing of it touches your own.
 *
 * Exit codes: 0 nothing lost, doubled, wrong or left; 4 otherwise; 2 usage; 3 the servers did not start.
 */
import { Command, Option } from 'commander';
import { loadConfig } from '../src/config.js';
import { visitPoints, type CrashPoint } from '../src/contracts/crash-points.js';
import { table } from '../src/lib/table.js';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from './command.js';
import { runRelayDrill, type DirectionReport, type RelayReport } from './drill-crash/relay.js';
import { runCrashDrill, type PointReport } from './drill-crash/run.js';
import { withOwnServers, type OwnServers } from './own-servers.js';

interface Options {
  readonly kills: number;
  readonly point?: CrashPoint;
  readonly lanes: number;
  readonly events: number;
  readonly relayKills: number;
  readonly list?: true;
  readonly json?: true;
}

interface Report {
  readonly points: readonly PointReport[];
  readonly relays: RelayReport | null;
}

const wrongAt = ({ lost, doubled, wrong, left }: PointReport): Record<string, readonly string[]> => ({
  lost,
  doubled,
  wrong,
  left,
});

const wrongIn = ({ lost, doubled, strange }: DirectionReport): Record<string, readonly string[]> => ({
  lost,
  doubled,
  strange,
});

const isClean = ({ points, relays }: Report): boolean =>
  [...points.map(wrongAt), ...(relays?.directions ?? []).map(wrongIn)].every((found) =>
    Object.values(found).every((list) => list.length === 0),
  );

const told = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, times]) => `${times} × ${what}`)
    .join(', ');

const reportWrong = (where: string, found: Readonly<Record<string, readonly string[]>>): void => {
  for (const [what, list] of Object.entries(found))
    for (const one of list.slice(0, 20)) say(`${where}: ${what}: ${one}`);
};

function print({ points, relays }: Report): void {
  if (relays) {
    const rows = relays.directions.map((one) => [
      ...[one.direction, one.events, relays.kills, one.applied_under_kills],
      ...[one.lost.length, one.doubled.length, one.strange.length],
    ]);
    const headings = ['relay', 'events', 'kills', 'applied by then', 'lost', 'doubled', 'never announced'];
    process.stdout.write(`${table(headings, rows)}\n\n`);
    for (const one of relays.directions) reportWrong(one.direction, wrongIn(one));
  }
  if (points.length === 0) return;
  const rows = points.map((one) => [
    ...[one.point, one.kills, one.lost.length, one.doubled.length, one.wrong.length],
    ...[one.drift_found, one.left.length, told(one.answers)],
  ]);
  const headings = ['point', 'kills', 'lost', 'doubled', 'wrong', 'drift found', 'left', 'asked again'];
  process.stdout.write(`${table(headings, rows)}\n`);
  const kills = points.reduce((sum, one) => sum + one.kills, 0);
  process.stdout.write(`${points.length} points, ${kills} kills\n`);
  for (const one of points) reportWrong(one.point, wrongAt(one));
}

/** On databases of their own, apart from those of the points. */
function drillRelays(
  { mongodbUri, postgresUri }: OwnServers,
  { events, relayKills: kills }: Options,
  signal: AbortSignal,
): Promise<RelayReport> {
  say(`${events} events each way, ${kills} kills of their relay`);
  const databases = { postgresUri, mongodbUri: mongodbUri.replace(/\/[^/?]*(\?|$)/, '/relays$1') };
  const onKill = (kill: number): void => say(`relay: kill ${kill} of ${kills}`);
  return runRelayDrill(databases, { events, kills }, { signal, onKill });
}

async function drill(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const { kills, point, lanes, events, list, json } = options;
  if (list) {
    process.stdout.write(`${visitPoints.join('\n')}\n`);
    return exitCodes.ok;
  }
  const config = loadConfig();
  const points = kills === 0 ? [] : point ? [point] : visitPoints;
  const started = performance.now();
  const own = { mongodBinary: config.mongodBinary, nodes: 3, log: say, signal };
  const report = await withOwnServers(own, async (servers): Promise<Report> => {
    const relays = events > 0 && !point ? await drillRelays(servers, options, signal) : null;
    if (points.length > 0) say(`${points.length} points, ${kills} kills each: ${points.join(', ')}`);
    let done = 0;
    const onKill = (at: CrashPoint): void => {
      done += 1;
      const minutes = ((performance.now() - started) / 60_000).toFixed(1);
      say(`kill ${done} of ${points.length * kills}, after ${minutes} minutes: ${at}`);
    };
    const how = { points, kills, lanes, restart: 'process' } as const;
    return { relays, points: await runCrashDrill(servers, how, { config, signal, onKill }) };
  });
  const clean = isClean(report);
  const seconds = Math.round((performance.now() - started) / 1000);
  if (json) process.stdout.write(`${JSON.stringify({ clean, seconds, ...report }, null, 2)}\n`);
  else print(report);
  return clean ? exitCodes.ok : exitCodes.foundProblem;
}

const command = new Command('npm run drill:crash --')
  .description('Kills the API at each hand-over between the stores, and counts what was lost or doubled.')
  .option('--kills <n>', 'how often at each point', wholeNumber(0, 1000), 20)
  .addOption(new Option('--point <point>', 'only this one').choices(visitPoints))
  .option(
    '--lanes <n>',
    'how many points at the same time, each on databases of its own',
    wholeNumber(1, 8),
    2,
  )
  .option(
    '--events <n>',
    'how many events the relays bring, each way; 0 leaves them out',
    wholeNumber(0, 100_000),
    1000,
  )
  .option('--relay-kills <n>', 'how often their process is killed', wholeNumber(0, 1000), 20)
  .option('--list', 'print the points, and do nothing')
  .option('--json', 'print JSON');

await runCommand<Options>(command, drill);
