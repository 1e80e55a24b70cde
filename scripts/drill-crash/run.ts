import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../src/config.js';
import type { CrashPoint } from '../../src/contracts/crash-points.js';
import { admin, type ApiServers } from '../api-process.js';
import { callApi, type Answer, type Ask } from '../call-api.js';
import { openLane, type Lane, type LaneOptions } from './lane.js';
import { createPeople, createScenarios, type Scenario } from './scenarios.js';
import { withShortTransactions } from './short-transactions.js';
import { judge, readFaults, readHeld, type Verdict } from './verdict.js';

interface CrashDrillOptions extends Pick<LaneOptions, 'restart'> {
  readonly points: readonly CrashPoint[];
  /** At each point. */
  readonly kills: number;
  /** How many points are drilled at the same time, each on databases of its own. */
  readonly lanes: number;
}

/** What became of all kills at one point. */
export interface PointReport extends Verdict {
  readonly point: CrashPoint;
  /** How often the process died there by SIGKILL, while its client waited. */
  readonly kills: number;
  /** How many differences reconcile found before it repaired them. */
  readonly drift_found: number;
  /** What it left, and what is wrong in the books. */
  readonly left: readonly string[];
  /** What the client was answered when it asked again: `201 replayed` → 3. */
  readonly answers: Readonly<Record<string, number>>;
}

interface DrillRunning {
  readonly config: Config;
  readonly signal: AbortSignal;
  readonly onKill: (point: CrashPoint) => void;
}

/** How long a process that has broken its connection may take to be gone. */
const dyingMs = 10_000;

/** Until the client is told for good: what a connection tells that breaks is nothing. */
async function insist(url: string, ask: Ask, signal: AbortSignal): Promise<Answer> {
  for (;;) {
    const answer = await callApi(url, ask, signal);
    signal.throwIfAborted();
    if (answer.status !== 0 && answer.status !== 503) return answer;
    await sleep(200);
  }
}

/** A step takes no key: anyone who asks for it again hears that it is made already. */
const isDone = ({ status, code }: Answer): boolean =>
  (status >= 200 && status < 300) || (status === 409 && code === 'step_not_allowed');

/** Asks for what leads to the point, sees the process die, and returns the request, to be made again. */
async function killAt(lane: Lane, point: CrashPoint, { ask }: Scenario, signal: AbortSignal): Promise<Ask> {
  const api = await lane.startArmed(point, signal);
  const login: Ask = { method: 'POST', path: '/auth/login', body: admin };
  const { body } = await callApi(api.url, login, signal);
  const request = { ...ask, token: body['access_token'] as string, key: randomUUID() };
  const cut = await callApi(api.url, request, signal);
  const by = cut.status === 0 ? await Promise.race([api.ended, sleep(dyingMs, null, { ref: false })]) : null;
  if (by === 'SIGKILL') return request;
  await api.stop();
  throw new Error(`${point}: the API did not die there; it answered ${cut.status} ${cut.code ?? ''}`);
}

interface Recovered {
  readonly answer: string;
  readonly drift: number;
  readonly left: readonly string[];
}

/** The API is started again, the client makes its request again, and reconcile repairs, all at once as it may be. */
function recover(lane: Lane, point: CrashPoint, request: Ask, signal: AbortSignal): Promise<Recovered> {
  return lane.restarted(signal, async (url) => {
    const answer = await insist(url, request, signal);
    if (!isDone(answer))
      throw new Error(`${point}: asked again, the API answered ${answer.status} ${answer.code ?? ''}`);
    const { reconciliation } = lane.system.parts;
    const report = await reconciliation.run({ apply: true, graceMs: 0, signal });
    const left = report!.kinds.flatMap(({ kind, examples }) =>
      examples.filter(({ repaired }) => !repaired).map(({ id, detail }) => `${kind} ${id}: ${detail}`),
    );
    const how = answer.code ?? (answer.isReplayed ? 'replayed' : 'done');
    return { answer: `${answer.status} ${how}`, drift: report!.found, left };
  });
}

async function drillPoint(
  lane: Lane,
  point: CrashPoint,
  scenarios: readonly Scenario[],
  { signal, onKill }: DrillRunning,
): Promise<PointReport> {
  const { parts, around } = lane.system;
  const verdicts: Verdict[] = [];
  const recovered: Recovered[] = [];
  for (const scenario of scenarios) {
    const request = await killAt(lane, point, scenario, signal);
    recovered.push(await recover(lane, point, request, signal));
    // After the repair the relay still brings what the dead process had taken: it must not count twice.
    await lane.settle();
    verdicts.push(judge(scenario, await readHeld(lane.system, scenario.appointment_id)));
    onKill(point);
  }
  const again = await parts.reconciliation.run({ apply: false, graceMs: 0, signal });
  const answers: Record<string, number> = {};
  for (const { answer } of recovered) answers[answer] = (answers[answer] ?? 0) + 1;
  return {
    ...{ point, kills: verdicts.length, answers },
    lost: verdicts.flatMap(({ lost }) => lost),
    doubled: verdicts.flatMap(({ doubled }) => doubled),
    wrong: verdicts.flatMap(({ wrong }) => wrong),
    drift_found: recovered.reduce((sum, { drift }) => sum + drift, 0),
    left: [
      ...recovered.flatMap(({ left }) => left),
      ...(again!.found > 0 ? [`reconcile finds ${again!.found} more`] : []),
      ...(await readFaults(parts, around.stores.knex)),
    ],
  };
}

/** Takes point after point, until none is left. */
async function runLane(
  lane: Lane,
  next: () => CrashPoint | undefined,
  kills: number,
  running: DrillRunning,
): Promise<PointReport[]> {
  const { parts } = lane.system;
  await parts.accounts.ensureAdmin(admin);
  const scenarioOf = createScenarios(parts, await createPeople(parts));
  const reports: PointReport[] = [];
  for (let point = next(); point; point = next()) {
    const scenarios: Scenario[] = [];
    for (let turn = 0; turn < kills; turn += 1)
      scenarios.push(await scenarioOf(point, turn + reports.length));
    // What the preparation has announced is not to be what the process dies of.
    await lane.settle();
    reports.push(await drillPoint(lane, point, scenarios, running));
  }
  return reports;
}

/** Kills the API at each point so many times, and tells what became of what it was asked. */
export function runCrashDrill(
  servers: ApiServers,
  options: CrashDrillOptions,
  running: DrillRunning,
): Promise<PointReport[]> {
  return withShortTransactions(servers.mongodbUri, () => runLanes(servers, options, running));
}

async function runLanes(
  servers: ApiServers,
  { points, kills, lanes, restart }: CrashDrillOptions,
  running: DrillRunning,
): Promise<PointReport[]> {
  const waiting = [...points];
  const failed = new AbortController();
  const signal = AbortSignal.any([running.signal, failed.signal]);
  const drill = `crash_${randomUUID().slice(0, 8)}`;
  const runs = Array.from({ length: Math.min(lanes, points.length) }, async (_, number) => {
    const lane = await openLane(servers, { name: `${drill}_${number}`, config: running.config, restart });
    try {
      return await runLane(lane, () => waiting.shift(), kills, { ...running, signal });
    } catch (error) {
      failed.abort(error);
      throw error;
    } finally {
      await lane.close();
    }
  });
  // A lane that fails lets the others close what they have opened before the servers go.
  await Promise.allSettled(runs);
  const reports = (await Promise.all(runs)).flat();
  return points.flatMap((point) => reports.filter((report) => report.point === point));
}
