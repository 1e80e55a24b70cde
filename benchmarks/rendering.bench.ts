/**
 * Does making papers keep others waiting? Somebody with nothing to do with it asks for a doctor, again and again, while a manager has PDFs
 * of reports made and a patient invoices: once of an API that makes them in its event loop (RENDER_WORKERS=0), once of one that has
 * threads for it, in turns.
 *
 * Usage: npm run bench:rendering                                       10 PDFs and 100 invoices, 3 rounds
 *        npm run bench:rendering -- --pdfs 3 --invoices 10 --rounds 1
 *        npm run bench:rendering -- --json
 *        npm run bench:rendering -- --uri mongodb://… --postgres-uri postgres://…   on your servers, in databases of its own
 *
 * The one who asks has the next question when the last one is answered, on one connection. Goal: p99 of the threads at most 100 ms.
 * All must be answered with what was asked for; papers that are refused since too many wait are counted.
 *
 * Exit codes: 0 measured; 1 failed, or an answer was another one; 2 usage; 3 the servers did not start or answer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from '../scripts/command.js';
import { drillAdmin, newDrillPatient, openDrillHospital, signedIn } from '../scripts/drill-hospital.js';
import { median } from '../src/lib/median.js';
import { table } from '../src/lib/table.js';
import { openConnection } from './load/connection.js';
import { goalTable, judge, rounded, type Goal } from './load/goals.js';
import { percentile, textOf } from './load/load.js';
import { interleave } from './load/rounds.js';
import { factsText, machineOf, type Machine } from './machine.js';
import { makeRecords } from './records.js';
import {
  checkServers,
  givenServers,
  serverOptions,
  withBenchSystem,
  type BenchSystem,
  type ServerOptions,
} from './servers.js';

interface Options extends ServerOptions {
  readonly pdfs: number;
  readonly invoices: number;
  readonly rounds: number;
  readonly appointments: number;
  readonly json?: true;
}

interface Round {
  /** While the papers are made, of the uninvolved. */
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly most_ms: number;
  readonly asked: number;
  /** Until the last paper was there. */
  readonly seconds: number;
  readonly made: number;
  readonly refused: number;
}

type Way = 'event loop' | 'threads';

interface Bench {
  readonly machine: Machine;
  readonly pdfs: number;
  readonly invoices: number;
  readonly rounds: number;
  /** The medians of the rounds; counts are of all rounds. */
  readonly ways: readonly (Round & { readonly way: Way })[];
  readonly goals: readonly Goal[];
}

/** Who asks, and for what. */
interface Asking {
  readonly manager: string;
  readonly patient: string;
  readonly transaction_id: string;
  readonly doctor_id: string;
}

const reports = ['revenue?by=department', 'drug-spend', 'top-doctors', 'patient-flow', 'disease-trends'];
const password = 'papers for everybody at once';

async function prepare(system: BenchSystem, appointments: number, signal: AbortSignal): Promise<Asking> {
  const { parts } = system;
  await makeRecords(parts, appointments, signal);
  const { newDoctor } = await openDrillHospital(parts);
  const doctor_id = await newDoctor();
  const patient_id = await newDrillPatient(parts, 'Pat Papers');
  const date = new Date(Math.ceil(Date.now() / 3_600_000 + 48) * 3_600_000).toISOString();
  const visit = { doctor_id, patient_id, date, disease: null, reason: null, pointer: '/body/date' };
  const { appointment_id } = await parts.appointments.forActors.book(drillAdmin, visit);
  const paid = await parts.payments.forActors.pay(drillAdmin, appointment_id, { payment_method: 'cash' });
  const account = { password, name: 'Pat Papers' } as const;
  return {
    doctor_id,
    transaction_id: paid.transaction_id,
    manager: await signedIn(parts, { ...account, email: 'manager@bench.example', role: 'manager' }),
    patient: await signedIn(parts, {
      ...account,
      email: 'patient@bench.example',
      role: 'patient',
      patient_id,
    }),
  };
}

/** Asks for all papers at once; their statuses. */
function haveMade(url: string, asking: Asking, { pdfs, invoices }: Options): Promise<number>[] {
  const get = async (path: string, token: string): Promise<number> => {
    const response = await fetch(`${url}/api/${path}`, { headers: { authorization: `Bearer ${token}` } });
    await response.arrayBuffer();
    return response.status;
  };
  // Each until another day: no answer is that of another question.
  const report = (n: number): string => {
    const name = reports[n % reports.length]!;
    const to = `2026-01-${String((n % 28) + 1).padStart(2, '0')}`;
    return `reports/${name}${name.includes('?') ? '&' : '?'}from=2025-01-01&to=${to}&format=pdf`;
  };
  return [
    ...Array.from({ length: pdfs }, (_, n) => get(report(n), asking.manager)),
    ...Array.from({ length: invoices }, () =>
      get(`transactions/${asking.transaction_id}/invoice?format=pdf`, asking.patient),
    ),
  ];
}

async function measure(url: string, asking: Asking, options: Options): Promise<Round> {
  const { hostname, port, host } = new URL(url);
  const connection = openConnection(hostname, Number(port));
  const question = textOf({ path: `/api/doctors/${asking.doctor_id}`, headers: {} }, host);
  const times: number[] = [];
  const ask = async (): Promise<void> => {
    const from = performance.now();
    const status = await connection.ask(question);
    if (status !== '200') throw new Error(`A doctor: ${status}`);
    times.push(performance.now() - from);
  };
  // What is asked for the first time is planned and compiled.
  for (let n = 0; n < 50; n += 1) await ask();
  times.length = 0;
  let isDone = false;
  const from = performance.now();
  const making = Promise.all(haveMade(url, asking, options)).finally(() => (isDone = true));
  while (!isDone) {
    await ask();
    await sleep(1);
  }
  const statuses = await making;
  connection.close();
  const refused = statuses.filter((status) => status === 503).length;
  const made = statuses.filter((status) => status === 200).length;
  if (made + refused < statuses.length) throw new Error(`Papers: ${[...new Set(statuses)].join(', ')}`);
  return {
    p50_ms: percentile(times, 50),
    p99_ms: percentile(times, 99),
    most_ms: Math.max(...times),
    asked: times.length,
    seconds: (performance.now() - from) / 1000,
    made,
    refused,
  };
}

function summary(way: Way, rounds: readonly Round[]): Round & { way: Way } {
  const middle = (figure: (round: Round) => number): number => median(rounds.map(figure));
  const sum = (figure: (round: Round) => number): number =>
    rounds.reduce((all, round) => all + figure(round), 0);
  return {
    way,
    p50_ms: middle((round) => round.p50_ms),
    p99_ms: middle((round) => round.p99_ms),
    most_ms: Math.max(...rounds.map((round) => round.most_ms)),
    asked: sum((round) => round.asked),
    seconds: middle((round) => round.seconds),
    made: sum((round) => round.made),
    refused: sum((round) => round.refused),
  };
}

async function bench(system: BenchSystem, options: Options, signal: AbortSignal): Promise<Bench> {
  const { pdfs, invoices, rounds } = options;
  const asking = await prepare(system, options.appointments, signal);
  const workers: Readonly<Record<Way, string>> = { 'event loop': '0', threads: '2' };
  const cells = [];
  for (const way of Object.keys(workers) as Way[]) {
    const { url } = await system.startApi({ RENDER_WORKERS: workers[way] });
    // Fonts are read and modules loaded at the first of each.
    await Promise.all(haveMade(url, asking, { ...options, pdfs: 5, invoices: 2 }));
    cells.push({ name: way, measure: () => measure(url, asking, options) });
  }
  say(`${rounds} rounds of ${pdfs} PDFs and ${invoices} invoices, each way`);
  const measured = await interleave(cells, { rounds, signal });
  const ways = (Object.keys(workers) as Way[]).map((way) => summary(way, measured.get(way)!));
  const isFull = pdfs >= 10 && invoices >= 100;
  return {
    machine: await machineOf(system.around.stores.connection, system.around.stores.knex),
    ...{ pdfs, invoices, rounds, ways },
    goals: [judge({ what: 'p99 beside threads', most: 100, unit: 'ms' }, ways[1]!.p99_ms, isFull)],
  };
}

function asTable({ machine, pdfs, invoices, rounds, ways, goals }: Bench): string {
  const rows = ways.map((way) => [
    ...[way.way, rounded(way.p50_ms), rounded(way.p99_ms), rounded(way.most_ms), way.asked],
    ...[rounded(way.seconds), way.made, way.refused],
  ]);
  const headings = ['papers made in', 'p50 ms', 'p99 ms', 'most ms', 'asked', 'papers s', 'made', 'refused'];
  return [
    factsText(machine),
    `GET /doctors/{id} beside ${pdfs} PDFs of a manager and ${invoices} invoices of a patient; median of ${rounds} rounds in turns`,
    '',
    table(headings, rows),
    '',
    goalTable(goals),
    '',
  ].join('\n');
}

async function run(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const given = givenServers(options);
  const result = await withBenchSystem({ given, log: say, signal }, (system) =>
    bench(system, options, signal),
  );
  process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : asTable(result));
  return exitCodes.ok;
}

const command = serverOptions(
  new Command('npm run bench:rendering --')
    .description('Measures how long others wait while PDFs are made, in the event loop and in threads.')
    .option('--pdfs <n>', 'of reports, by one manager', wholeNumber(1, 200), 10)
    .option('--invoices <n>', 'by one patient', wholeNumber(1, 1000), 100)
    .option('--rounds <n>', 'how often each way is measured', wholeNumber(1, 100), 3)
    .option('--appointments <n>', 'how many the reports are of', wholeNumber(20, 1_000_000), 4_000)
    .option('--json', 'JSON instead of a table'),
);

await runCommand<Options>(command, (options, signal) => {
  checkServers(command, options);
  return run(options, signal);
});
