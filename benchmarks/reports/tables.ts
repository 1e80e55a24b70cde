import { table } from '../../src/lib/table.js';
import { median } from '../../src/lib/median.js';
import { goalTable, rounded, type Goal } from '../load/goals.js';
import { factsText, type Machine } from '../machine.js';
import type { Figures } from './goals.js';
import type { Importing } from './importing.js';
import type { Serving } from './serving.js';
import type { Sized } from './systems.js';

export interface Bench extends Figures, Serving {
  readonly machine: Machine;
  readonly systems: readonly Pick<Sized, 'appointments' | 'records' | 'in_step_after_s'>[];
  readonly rounds: number;
  readonly requests: number;
  readonly seconds: number;
  readonly goals: readonly Goal[];
  /** What the servers logged as an error. */
  readonly faults: Readonly<Record<string, number>>;
}

export const remarks = [
  'Time in the server is from its log of each request: all of it but the reading of the head and the sending of the answer. ' +
    'It holds authentication, look-ups and the serialising; `client` is the same with HTTP and the client’s turn.',
  'Computed: before each such request of a question the version of all figures is raised (an appointment changes its status, and ' +
    'something is billed), and the mirror holds it before anybody asks. Kept: the same question again.',
  'What grows with the appointments: patients, doctors, departments and hospitals, in step. What does not: the two years, the diseases, ' +
    'the drugs, and the visits of a doctor. The mirror sums up all rows that count, and where the answer has a row for each doctor, it grows too.',
  'In step: from when the API listens until its mirror answers.',
  'The definition is asked once, before the rounds.',
  'Lag: inserts of appointments by the driver (w: majority), each until somebody who waits for it finds it in the mirror. Both are in the ' +
    'process of the benchmark; the API follows the same writes beside. The recount is of a sample of questions, when all writes are in.',
  'Import: `npm run import -- --source synthea`, a process of its own. The reader asks the questions in turns, in the beginning of it; the ' +
    'comparison is in the rest of it, with MongoDB as it was at the moment of the mirror. Revenue and average-prescription-cost are ' +
    'compared after it: Postgres cannot be read as it was.',
  'Single flight: an API in the process of the benchmark, whose commands to MongoDB are counted.',
  'All the servers share the processors with the client and with the replica set; all sizes are on the same servers.',
];

function reports({ served, growth }: Bench): string {
  const headings = [
    ...['report', 'appointments', 'rows', 'p50 ms', 'p97.5 ms', 'client p97.5', 'kept p50', 'kept p97.5'],
    ...['definition ms', '× as fast'],
  ];
  const rows = served.map((one) => [
    ...[one.question, one.appointments, one.rows, rounded(one.cold_p50), rounded(one.cold_p97_5)],
    ...[rounded(one.client_p97_5), rounded(one.warm_p50), rounded(one.warm_p97_5)],
    ...[rounded(one.definition), rounded(one.times_as_fast)],
  ]);
  const parts = [table(headings, rows)];
  if (growth.length > 0) {
    const grown = growth.map((one) => [
      ...[one.question, rounded(one.p97_5), rounded(one.p50), rounded(one.rows)],
    ]);
    parts.push(table(['growth ×', 'p97.5', 'p50', 'rows'], grown));
  }
  return parts.join('\n\n');
}

function lags({ lags: measured, verified }: Bench): string {
  const rows = measured.map((one) => [
    ...[one.load, one.writes, rounded(one.writes_per_second)],
    ...[rounded(one.p50_ms), rounded(one.p97_5_ms), rounded(one.drained_ms)],
  ]);
  const text = table(['load', 'writes', 'a second', 'lag p50 ms', 'lag p97.5 ms', 'drained ms'], rows);
  if (!verified) return text;
  const { questions, rows: all, differences } = verified;
  return `${text}\n\nrecount: ${questions} questions, ${all} rows, ${differences.length} differences`;
}

const imports = ({ appointments, ...one }: Importing): string =>
  `import into ${appointments} appointments: ${rounded(one.import_s)} s, in step ${rounded(one.in_step_ms)} ms after its end; ` +
  `reports, p97.5 in the server: quiet ${rounded(one.quiet_p97_5)} ms, meanwhile ${rounded(one.meanwhile_p97_5)} ms, ` +
  `the slowest of ${one.asked} asked ${rounded(one.meanwhile_most)} ms; meanwhile ${one.verified.questions} questions, ${one.verified.rows} rows, ` +
  `${one.verified.differences.length} differences to the definition of the same moment`;

export function print(bench: Bench): void {
  const { machine, systems, rounds, requests, seconds, flight } = bench;
  const parts = [
    [
      factsText(machine),
      ...systems.map(
        ({ records, in_step_after_s }) =>
          `${factsText(records)}; in step after ${rounded(in_step_after_s)} s`,
      ),
      `medians of ${rounds} rounds of ${requests} requests a question, and of ${seconds} s of writes`,
    ].join('\n'),
    ...(bench.served.length > 0 ? [reports(bench)] : []),
    ...(bench.lags.length > 0 ? [lags(bench)] : []),
    ...(bench.importing ? [imports(bench.importing)] : []),
    ...(flight
      ? [
          `${flight.readers} at once by the definition: ${flight.aggregations.join(', ')} aggregations, ` +
            `the last answer after ${rounded(median(flight.ms))} ms`,
        ]
      : []),
    goalTable(bench.goals),
    remarks.map((remark) => `- ${remark}`).join('\n'),
  ];
  process.stdout.write(`${parts.join('\n\n')}\n`);
}
