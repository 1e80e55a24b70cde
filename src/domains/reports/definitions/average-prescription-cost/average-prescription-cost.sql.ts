import type { DiseaseFilter } from '../../../../../aggregations/stages/diseases.js';
import type { Scope } from '../../../../../aggregations/stages/filters.js';
import type { Period } from '../../../../lib/period.js';
import type { SqlQuery } from '../../engine/reports.types.js';

interface BillingParams extends Period, Scope {
  /** undefined: every kind. */
  readonly kind: string | undefined;
  readonly diseases: DiseaseFilter | undefined;
}

/** What was billed for a disease as it was written, and to whom. */
export interface BilledRow {
  readonly disease_code: string | null;
  readonly disease: string | null;
  readonly billed_rows: number;
  /** Exact, as text. */
  readonly billed_total: string;
  /** Of each row. */
  readonly patient_ids: readonly string[];
}

/** As it comes: one text with the patient of each row, which costs the database and us a fraction of an array. */
export interface PackedRow extends Omit<BilledRow, 'patient_ids'> {
  readonly patients: string;
}

/** No id has it. */
const between = '\n';

export const unpacked = ({ patients, ...row }: PackedRow): BilledRow => ({
  ...row,
  patient_ids: patients.split(between),
});

export interface LeftOutRow {
  readonly without_disease: string;
  readonly filtered_out: string;
}

export interface TotalRow {
  readonly total: string;
  readonly rows: number;
}

type Condition = readonly [sql: string, ...bindings: unknown[]];

const noDisease = 'disease_code is null and disease is null';

function scopeOf({ kind, from, to, hospital_ids, department_ids, doctor_ids }: BillingParams): Condition {
  const all: Condition[] = [['true']];
  if (kind !== undefined) all.push(['kind = ?', kind]);
  if (from) all.push(['created_at >= ?', from]);
  if (to) all.push(['created_at < ?', to]);
  if (hospital_ids) all.push(['hospital_id = any(?)', hospital_ids]);
  if (department_ids) all.push(['department_id = any(?)', department_ids]);
  if (doctor_ids) all.push(['doctor_id = any(?)', doctor_ids]);
  return [all.map(([sql]) => sql).join(' and '), ...all.flatMap(([, ...bindings]) => bindings)];
}

function diseaseOf(filter: DiseaseFilter | undefined): Condition {
  if (!filter) return [`not (${noDisease})`];
  return [
    '(disease_code = any(?) or (disease_code is null and disease = ?)) is true',
    filter.codes,
    filter.name,
  ];
}

/**
 * REP-4, Postgres' side: what was billed by disease; the same period's money that no row shows, by reason; and,
 * for the receipt, the total by a sum of its own.
 */
export function billedByDisease(params: BillingParams): Record<'groups' | 'left_out' | 'total', SqlQuery> {
  const [scope, ...scoped] = scopeOf(params);
  const [disease, ...diseases] = diseaseOf(params.diseases);
  return {
    groups: {
      text: `select disease_code, disease, count(*)::int as billed_rows, sum(total_cost)::text as billed_total,
  string_agg(patient_id, chr(${between.charCodeAt(0)})) as patients
from billing where ${scope} and ${disease} group by disease_code, disease`,
      bindings: [...scoped, ...diseases],
    },
    left_out: params.diseases
      ? {
          text: `select coalesce(sum(total_cost) filter (where ${noDisease}), 0)::text as without_disease,
  coalesce(sum(total_cost) filter (where not (${noDisease}) and not (${disease})), 0)::text as filtered_out
from billing where ${scope}`,
          bindings: [...diseases, ...scoped],
        }
      : {
          text: `select coalesce(sum(total_cost), 0)::text as without_disease, '0' as filtered_out
from billing where ${scope} and ${noDisease}`,
          bindings: scoped,
        },
    total: {
      text: `select coalesce(sum(total_cost), 0)::text as total, count(*)::int as rows from billing where ${scope}`,
      bindings: scoped,
    },
  };
}
