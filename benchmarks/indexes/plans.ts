/** What one query cost, in one of the stores. */
export interface Cost {
  /** Median, in milliseconds. */
  readonly ms: number;
  readonly returned: number;
  readonly keys: number;
  /** Documents, or rows of a table. */
  readonly documents: number;
  /** `doctor_id_1_date_1__id_1, FETCH`; `COLLSCAN`. */
  readonly plan: string;
}

export type Examined = Pick<Cost, 'keys' | 'documents' | 'plan'>;

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** The first value under `key` in a depth-first walk. */
function find(value: unknown, key: string): unknown {
  if (!isObject(value)) return undefined;
  if (key in value) return value[key];
  for (const inner of Object.values(value)) {
    const found = find(inner, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every object of a plan, the outer ones first. */
function nodesOf(value: unknown): Json[] {
  if (!isObject(value)) return [];
  return [...(Array.isArray(value) ? [] : [value]), ...Object.values(value).flatMap(nodesOf)];
}

const telling = new Set(['COLLSCAN', 'FETCH', 'SORT', 'OR', 'TEXT_MATCH', 'IDHACK']);

/** Reads `explain("executionStats")` of a find, an aggregate or a distinct, of the classic engine and of SBE. */
export function readMongoExplain(explain: unknown): Examined {
  const stats = find(explain, 'executionStats') as Json;
  const words = nodesOf(find(explain, 'winningPlan')).flatMap(({ stage, indexName }): string[] => {
    if (typeof indexName === 'string' && stage !== 'TEXT_MATCH') return [indexName];
    return typeof stage === 'string' && telling.has(stage) ? [stage] : [];
  });
  return {
    keys: Number(stats['totalKeysExamined']),
    documents: Number(stats['totalDocsExamined']),
    plan: [...new Set(words.toReversed())].join(', '),
  };
}

const numberOf = (node: Json, name: string): number => Number(node[name] ?? 0);

/** Reads `explain (analyze, format json)`. Rows of an index-only scan are keys; they are read from the table if they must. */
export function readPostgresExplain(explain: unknown): Examined {
  const nodes = nodesOf(explain).filter((node) => typeof node['Node Type'] === 'string');
  let keys = 0;
  let documents = 0;
  const words: string[] = [];
  for (const node of nodes) {
    const type = node['Node Type'] as string;
    const rows = numberOf(node, 'Actual Rows') * numberOf(node, 'Actual Loops');
    const read = rows + numberOf(node, 'Rows Removed by Filter') * numberOf(node, 'Actual Loops');
    if (type === 'Seq Scan') documents += read;
    if (type === 'Bitmap Heap Scan' || type === 'Index Scan') documents += read;
    if (type === 'Index Scan' || type === 'Index Only Scan') keys += read;
    if (type === 'Bitmap Index Scan') keys += rows;
    if (type === 'Index Only Scan') documents += numberOf(node, 'Heap Fetches');
    if (type.endsWith('Scan') && type !== 'Bitmap Heap Scan')
      words.push((node['Index Name'] as string | undefined) ?? type);
    if (type === 'Sort' || type === 'Incremental Sort') words.push(type);
  }
  return { keys, documents, plan: [...new Set(words.toReversed())].join(', ') };
}
