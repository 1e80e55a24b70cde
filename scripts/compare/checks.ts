/* How the keys of expected_reports.json and the columns of the reports correspond. Rows are compared as text, in order. */

interface ExpectedDoctor {
  provider: string;
  name: string;
  speciality: string;
  patientLoad: number;
  appointments: number;
}

interface ExpectedMonth {
  month: string;
  completed: number;
  cancelled: number;
  noShow: number;
  scheduled: number;
  unknown: number;
  total: number;
  cancellationRate: string | null;
}

interface ExpectedDuration {
  code: string;
  disease: string;
  n: number;
  sumDays: number;
  avgDays: string;
  openExcluded: number;
}

interface ExpectedCost {
  code: string;
  disease: string;
  n: number;
  sumBilled: string;
  avgBilled: string;
  sumTotalCost: string;
  avgTotalCost: string;
  patients: number;
}

export interface Expected {
  readonly report1_top_doctors: Readonly<Record<'window' | '2025', readonly ExpectedDoctor[]>>;
  readonly report2_monthly: readonly ExpectedMonth[];
  readonly report3_treatment_duration: Readonly<Record<'disorders' | 'all', readonly ExpectedDuration[]>>;
  readonly report4_prescription_cost: readonly ExpectedCost[];
  readonly totals: { readonly billedTotal: string };
}

type Cell = string | number | null;

interface Billed {
  readonly attributed: number;
  readonly unattributed: { readonly total: number };
  readonly total: number;
  readonly balanced: boolean;
}

/** A report as it comes over HTTP. */
export interface Answer {
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  readonly receipt?: { readonly billed?: Billed };
  readonly provenance: { readonly definition: string; readonly engine_ms: unknown };
}

export interface Check {
  readonly name: string;
  /** Behind `/api/reports/`. */
  readonly path: string;
  readonly expected: readonly string[];
  readonly rowsOf: (answer: Answer) => string[];
}

type Row = Answer['rows'][number];

const text = (...cells: readonly unknown[]): string => cells.map(String).join(' | ');
/** A figure with so many decimals, as the expected file writes it. */
const fixed = (value: Cell | undefined, decimals: number): string =>
  typeof value === 'number' ? value.toFixed(decimals) : String(value);
const rowsBy =
  (write: (row: Row) => string) =>
  ({ rows }: Answer): string[] =>
    rows.map(write);

function topDoctors(name: string, from: string, to: string, expected: readonly ExpectedDoctor[]): Check {
  return {
    name: `top-doctors, ${name}`,
    path: `top-doctors?by=patients&limit=${expected.length}&from=${from}T00:00:00Z&to=${to}T00:00:00Z`,
    expected: expected.map((d) => text(d.provider, d.name, d.speciality, d.patientLoad, d.appointments)),
    rowsOf: rowsBy((row) =>
      text(row['doctor_id'], row['name'], row['specialty'], row['patients'], row['appointments']),
    ),
  };
}

function durations(name: string, expected: readonly ExpectedDuration[], keep: (row: Row) => boolean): Check {
  const write = (row: Row): string => {
    const { disease_code, disease, episodes, total_days, average_days, open_excluded } = row;
    return text(disease_code, disease, episodes, total_days, fixed(average_days, 2), open_excluded);
  };
  return {
    name: `disease-trends, ${name}`,
    path: 'disease-trends?basis=diagnoses',
    expected: expected.map((d) => text(d.code, d.disease, d.n, d.sumDays, d.avgDays, d.openExcluded)),
    rowsOf: ({ rows }) => rows.filter(keep).map(write),
  };
}

const costs: Pick<Check, 'path'> & {
  write: (row: Row) => string;
  writeExpected: (row: ExpectedCost) => string;
} = {
  path: 'average-prescription-cost',
  write: (row) => {
    const { total_prescription_cost: cost, average_prescription_cost: average } = row;
    const money = [row['billed_total'], row['average_billed'], cost, average].map((one) => fixed(one, 2));
    return text(
      row['disease_code'],
      row['disease'],
      row['prescriptions'],
      row['billed_rows'],
      ...money,
      row['patients'],
    );
  },
  writeExpected: (e) =>
    text(e.code, e.disease, e.n, e.n, e.sumBilled, e.avgBilled, e.sumTotalCost, e.avgTotalCost, e.patients),
};

/** Attributed and unattributed are the ledger's total, which is the total expected. */
function receipt({ receipt: given }: Answer): string[] {
  const { attributed, unattributed, total, balanced } = given!.billed!;
  return [text(fixed(attributed + unattributed.total, 2), fixed(total, 2), balanced)];
}

export function syntheaChecks(expected: Expected): Check[] {
  const { report1_top_doctors: doctors, report3_treatment_duration: duration, totals } = expected;
  const { path, write, writeExpected } = costs;
  return [
    topDoctors('whole window', '2024-01-01', '2026-07-01', doctors.window),
    topDoctors('2025', '2025-01-01', '2026-01-01', doctors['2025']),
    durations('disorders', duration.disorders, ({ disease }) => String(disease).endsWith('(disorder)')),
    durations('all', duration.all, () => true),
    {
      name: 'average-prescription-cost',
      path,
      expected: expected.report4_prescription_cost.map(writeExpected),
      rowsOf: rowsBy(write),
    },
    {
      name: 'average-prescription-cost, receipt',
      path,
      expected: [text(totals.billedTotal, totals.billedTotal, true)],
      rowsOf: receipt,
    },
  ];
}

/** Appointments of unknown status were not imported. */
export function medschedulerChecks({ report2_monthly: months }: Expected): Check[] {
  const [first, last] = [months[0]!.month, months.at(-1)!.month];
  const end = new Date(`${last}-01T00:00:00Z`);
  end.setUTCMonth(end.getUTCMonth() + 1);
  return [
    {
      name: 'monthly-appointments-trend',
      path: `monthly-appointments-trend?from=${first}-01T00:00:00Z&to=${end.toISOString()}`,
      expected: months.map((m) =>
        text(
          m.month,
          m.completed,
          m.cancelled,
          m.noShow,
          m.scheduled,
          m.total - m.unknown,
          m.cancellationRate,
        ),
      ),
      rowsOf: rowsBy((row) => {
        const { month, completed, cancelled, no_show, scheduled, total, cancellation_rate } = row;
        return text(month, completed, cancelled, no_show, scheduled, total, fixed(cancellation_rate, 4));
      }),
    },
  ];
}
