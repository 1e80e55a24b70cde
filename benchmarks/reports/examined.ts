import { readPostgresExplain } from '../indexes/plans.js';

/** What was looked at to answer: the same on every machine. */
export interface Examined {
  /** MongoDB's. */
  readonly keys: number;
  /** MongoDB's. */
  readonly documents: number;
  /** Rows and keys of Postgres. */
  readonly rows: number;
}

type Json = Readonly<Record<string, unknown>>;

/** Sums an aggregation's explain: its cursor, and what each `$lookup` and `$unionWith` looked at. */
function mongodbExamined(plan: unknown): Pick<Examined, 'keys' | 'documents'> {
  if (typeof plan !== 'object' || plan === null) return { keys: 0, documents: 0 };
  const { executionStats, ...node } = plan as Json;
  const counted = (executionStats ?? node) as Json;
  if (counted['totalDocsExamined'] !== undefined)
    return {
      keys: Number(counted['totalKeysExamined'] ?? 0),
      documents: Number(counted['totalDocsExamined']),
    };
  let [keys, documents] = [0, 0];
  for (const inner of Object.values(node)) {
    const one = mongodbExamined(inner);
    keys += one.keys;
    documents += one.documents;
  }
  return { keys, documents };
}

/** Of the plans that a report answers with when it is asked to explain. */
export function examinedIn(plans: { readonly mongodb: unknown; readonly postgres: unknown }): Examined {
  const { keys, documents } = readPostgresExplain(plans.postgres);
  return { ...mongodbExamined(plans.mongodb), rows: Math.round(keys + documents) };
}

export const allOf = ({ keys, documents, rows }: Examined): number => keys + documents + rows;
