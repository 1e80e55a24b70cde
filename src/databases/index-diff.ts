/** An index that we own, in the words of its store. */
export interface DeclaredIndex {
  readonly store: 'mongodb' | 'postgres';
  /** The collection or table. */
  readonly place: string;
  readonly name: string;
  /** Key and options in one canonical text: two indexes are the same when it is. */
  readonly definition: string;
  readonly serves: string;
}

/** An index as the store tells of it. */
export interface PresentIndex extends Omit<DeclaredIndex, 'serves'> {
  /** The fields in order; `-date` is descending. */
  readonly key: readonly string[];
  /** Fields that ride along behind the key (Postgres `include`). */
  readonly included: readonly string[];
  /** Every document or row is in it: neither partial nor sparse. */
  readonly complete: boolean;
  /** It keeps a rule (unique, TTL) or answers what no other kind can (text): its use is not counted by reads alone. */
  readonly special: boolean;
  /** The store made it itself: `_id_`, a primary key. */
  readonly builtIn: boolean;
  /** Half built: Postgres does not use it. */
  readonly invalid: boolean;
  /** Reads that used it, over all members; null when nobody counts. */
  readonly uses: number | null;
  /** Since when all members have counted. */
  readonly since: Date | null;
}

/** All but `unused` are differences between what is declared and what is there. */
export type Finding = Omit<DeclaredIndex, 'serves'> & {
  readonly finding: 'missing' | 'different' | 'extra' | 'redundant' | 'invalid' | 'unused';
  readonly detail: string;
};

const idOf = ({ store, place, name }: DeclaredIndex | PresentIndex): string => `${store} ${place} ${name}`;

const isPrefix = (short: readonly string[], long: readonly string[]): boolean =>
  short.length <= long.length && short.every((field, at) => field === long[at]);

const inverted = (field: string): string => (field.startsWith('-') ? field.slice(1) : `-${field}`);

/** Whether every query that `index` serves is served by `other` as well; an index is read in both directions. */
function isCoveredBy(index: PresentIndex, other: PresentIndex): boolean {
  const columns = [...other.key, ...other.included].map((field) => field.replace(/^-/, ''));
  return (
    other.complete &&
    !other.invalid &&
    index.included.every((field) => columns.includes(field)) &&
    (isPrefix(index.key, other.key) || isPrefix(index.key.map(inverted), other.key))
  );
}

/** The index that makes this one superfluous. Of two that cover each other the declared one, then the first by name, stays. */
function covering(
  index: PresentIndex,
  present: readonly PresentIndex[],
  isKept: (index: PresentIndex) => boolean,
): PresentIndex | undefined {
  if (index.builtIn || index.special || !index.complete) return undefined;
  const rank = (one: PresentIndex): string => `${isKept(one) ? 0 : 1} ${one.name}`;
  return present.find(
    (other) =>
      other !== index &&
      other.store === index.store &&
      other.place === index.place &&
      isCoveredBy(index, other) &&
      !(isCoveredBy(other, index) && !other.special && rank(index) < rank(other)),
  );
}

/** What is declared and not there, there and not declared, or there for nothing. Sorted by store, place and name. */
export function diffIndexes(declared: readonly DeclaredIndex[], present: readonly PresentIndex[]): Finding[] {
  const wanted = new Map(declared.map((index) => [idOf(index), index]));
  const there = new Set(present.map(idOf));
  const findings: Finding[] = [];
  const say = (index: DeclaredIndex | PresentIndex, finding: Finding['finding'], detail: string): void => {
    const { store, place, name, definition } = index;
    findings.push({ store, place, name, definition, finding, detail });
  };
  for (const index of declared) if (!there.has(idOf(index))) say(index, 'missing', `serves ${index.serves}`);
  for (const index of present) {
    const want = wanted.get(idOf(index));
    if (index.invalid) say(index, 'invalid', 'its build was broken off: it is kept up and never read');
    if (want && want.definition !== index.definition) say(index, 'different', `declared ${want.definition}`);
    if (!want && !index.builtIn) say(index, 'extra', 'nothing declares it');
    const by = covering(index, present, (one) => one.builtIn || wanted.has(idOf(one)));
    if (by) say(index, 'redundant', `${by.name} answers all that it can`);
    if (index.uses === 0 && !index.special && !index.builtIn && !by) {
      say(index, 'unused', `no read since ${index.since?.toISOString() ?? 'the counters began'}`);
    }
  }
  const orderOf = ({ store, place, name, finding }: Finding): string =>
    `${store} ${place} ${name} ${finding}`;
  return findings.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}

export const isDifference = ({ finding }: Finding): boolean => finding !== 'unused';
