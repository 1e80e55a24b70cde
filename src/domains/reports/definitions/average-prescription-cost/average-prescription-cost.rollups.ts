import type { DiseaseFilter } from '../../../../../aggregations/stages/diseases.js';
import type { BillingKind } from '../../../money/billing/billing.types.js';
import type { Asked, FastPath } from '../../engine/reports.definition.js';
import { keyText } from '../../engine/reports.ranking.js';
import type { SqlQuery } from '../../engine/reports.types.js';

/*
 * REP-4 from what migration 0003's triggers and the projection of the prescriptions keep: a row for each disease as it is
 * written and one for the patients of each disease, instead of every prescription and bill.
 */

/** What a disease comes to in both stores; amounts in cents, as text. Of the key `` are bills without a disease. */
export interface DiseaseRow {
  readonly disease_key: string;
  readonly disease: string | null;
  readonly prescriptions: number;
  readonly cost: string;
  readonly billed_rows: number;
  readonly billed: string;
}

/** Distinct patients of a disease, or with the key `*` of all that are asked for. */
export interface DiseasePatientsRow {
  readonly disease_key: string;
  readonly prescribed: number;
  readonly billed: number;
  readonly both: number;
}

export interface KeptRows {
  readonly diseases: readonly DiseaseRow[];
  readonly patients: readonly DiseasePatientsRow[];
}

type Kind = BillingKind | 'all';

const keysOf = ({ codes, name }: DiseaseFilter): string[] => [
  ...codes.map((disease_code) => keyText({ disease_code, disease: null })),
  keyText({ disease_code: null, disease: name }),
];

function diseasesOf(kind: Kind): SqlQuery {
  const sum = (figure: 'rows' | 'total'): string =>
    (kind === 'all' ? ['consultation', 'prescription'] : [kind])
      .map((one) => `sum(${one}_${figure})`)
      .join(' + ');
  return {
    text: `select disease_key, disease, sum(prescriptions)::int as prescriptions, sum(cost)::text as cost,
  (${sum('rows')})::int as billed_rows, (${sum('total')})::text as billed
from rollup_diseases group by disease_key, disease`,
    bindings: [],
  };
}

function patientsOf(kind: Kind, filter: DiseaseFilter | undefined): SqlQuery {
  const column = kind === 'all' ? 'either' : kind;
  if (!filter)
    return {
      text: `select disease_key, sum(prescribed)::int as prescribed, sum(${column})::int as billed, sum(both_${column})::int as both
from rollup_disease_patients group by disease_key`,
      bindings: [],
    };
  const rows = kind === 'all' ? 'consultation_rows + prescription_rows' : `${kind}_rows`;
  return {
    text: `select disease_key, count(*) filter (where prescribed)::int as prescribed, count(*) filter (where billed)::int as billed,
  count(*) filter (where prescribed and billed)::int as both
from (
  select coalesce(disease_key, '*') as disease_key, sum(prescriptions) > 0 as prescribed, sum(${rows}) > 0 as billed
  from rollup_patient_diseases where disease_key = any(?)
  group by grouping sets ((disease_key, patient_id), (patient_id))
) as patient group by disease_key`,
    bindings: [keysOf(filter)],
  };
}

const isAlways = ({ period, scope }: Asked<unknown>): boolean =>
  !period.from && !period.to && Object.values(scope).every((value) => value === undefined);

/** Kept for all time and all places; any other question is answered by the definition. */
export function readKept(asked: Asked<{ kind: Kind }>): ReturnType<FastPath<{ kind: Kind }, never>['read']> {
  if (!isAlways(asked)) return undefined;
  const { kind } = asked.query;
  return { postgres: { diseases: diseasesOf(kind), patients: patientsOf(kind, asked.diseases) } };
}

/** Of rows of all diseases: those asked for, and what was billed beside them. */
export function partKept(
  diseases: readonly DiseaseRow[],
  filter: DiseaseFilter | undefined,
): { asked: DiseaseRow[]; without_disease: bigint; filtered_out: bigint; total: bigint } {
  const keys = filter && new Set(keysOf(filter));
  const parted = { asked: [] as DiseaseRow[], without_disease: 0n, filtered_out: 0n, total: 0n };
  for (const row of diseases) {
    const billed = BigInt(row.billed);
    parted.total += billed;
    if (row.disease_key === '') parted.without_disease += billed;
    else if (keys && !keys.has(row.disease_key)) parted.filtered_out += billed;
    // Figures that came to nothing again stay as rows of zeros.
    else if (row.prescriptions > 0 || row.billed_rows > 0) parted.asked.push(row);
  }
  return parted;
}

/** The records that the figures are of: as the definition reads them. */
export function rowsReadOf(
  diseases: readonly DiseaseRow[],
  filter: DiseaseFilter | undefined,
): { mongodb: number; postgres: number } {
  const { asked } = partKept(diseases, filter);
  return {
    mongodb: asked.reduce((sum, { prescriptions }) => sum + prescriptions, 0),
    postgres: diseases.reduce((sum, { billed_rows }) => sum + billed_rows, 0),
  };
}
