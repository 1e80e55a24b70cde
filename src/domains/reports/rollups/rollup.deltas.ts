import type { Document } from 'mongodb';
import type { Change } from '../../../databases/projector/projector.types.js';
import {
  isUnitRollup,
  rollupId,
  type Cell,
  type DocumentRollup,
  type Rollup,
  type RollupContext,
  type UnitRecord,
  type UnitRollup,
} from './rollup.definition.js';

/* What a batch of changes adds to the figures, worked out in memory so that each document is written once. Pure. */

/** What is added to one document of a rollup. */
export interface Increment {
  readonly key: Cell['key'];
  readonly figures: Map<string, number>;
}

/** Increments by `nameOf` their key. */
export type Increments = Map<string, Increment>;

/** Different keys, different names: what JSON gives too, at several times the price. */
function nameOf(key: Cell['key']): string {
  let name = '';
  for (const part of key) {
    if (typeof part === 'string') name += `${part.length}:${part}`;
    else name += part === null ? '-' : `#${part};`;
  }
  return name;
}

function addCells(to: Increments, cells: readonly Cell[], sign: 1 | -1): void {
  for (const { key, figures } of cells) {
    const name = nameOf(key);
    let sum = to.get(name);
    if (!sum) to.set(name, (sum = { key, figures: new Map() }));
    for (const figure in figures)
      sum.figures.set(figure, (sum.figures.get(figure) ?? 0) + sign * figures[figure]!);
  }
}

/** The increments that are not zero, without their zeros, as they are stored. */
export function* effective(
  increments: Increments,
): Generator<{ readonly _id: string; readonly key: Cell['key']; readonly figures: Cell['figures'] }> {
  for (const { key, figures } of increments.values()) {
    const changed = [...figures].filter(([, n]) => n !== 0);
    if (changed.length > 0) yield { _id: rollupId(key), key, figures: Object.fromEntries(changed) };
  }
}

/** Rollups over the same units. */
interface UnitGroup {
  readonly name: string;
  readonly source: Rollup['source'];
  readonly rollups: readonly UnitRollup[];
  records(document: Document, context: RollupContext): readonly UnitRecord[];
}

export function unitGroups(rollups: readonly Rollup[]): UnitGroup[] {
  const groups = new Map<string, UnitRollup[]>();
  for (const rollup of rollups.filter(isUnitRollup)) {
    const name = rollup.units ?? rollup.collection;
    groups.set(name, [...(groups.get(name) ?? []), rollup]);
  }
  return [...groups].map(([name, members]) => {
    const { source, records } = members[0]!;
    return { name, source, rollups: members, records };
  });
}

export const documentRollups = (rollups: readonly Rollup[]): DocumentRollup[] =>
  rollups.filter((rollup): rollup is DocumentRollup => !isUnitRollup(rollup));

/** What the changes add to a rollup whose documents count by themselves, beside what `sums` holds already. */
export function documentIncrements(
  rollup: DocumentRollup,
  changes: readonly Change[],
  context: RollupContext,
  sums: Increments = new Map(),
): Increments {
  for (const { collection, before, after } of changes) {
    if (collection !== rollup.source) continue;
    if (before) addCells(sums, rollup.cells(before, context), -1);
    if (after) addCells(sums, rollup.cells(after, context), 1);
  }
  return sums;
}

/** By unit and record, how many more there are; units whose records stay as they are, are left out. */
export type UnitChanges = Map<string, Map<string, number>>;

/** What the changes do beside what `units` holds already. */
export function unitChanges(
  group: UnitGroup,
  changes: readonly Change[],
  context: RollupContext,
  units: UnitChanges = new Map(),
): UnitChanges {
  const count = (records: readonly UnitRecord[], sign: number): void => {
    for (const { unit, record } of records) {
      let net = units.get(unit);
      if (!net) units.set(unit, (net = new Map<string, number>()));
      const n = (net.get(record) ?? 0) + sign;
      if (n === 0) net.delete(record);
      else net.set(record, n);
    }
  };
  for (const { collection, before, after } of changes) {
    if (collection !== group.source) continue;
    if (before) count(group.records(before, context), -1);
    if (after) count(group.records(after, context), 1);
  }
  for (const [unit, net] of units) if (net.size === 0) units.delete(unit);
  return units;
}

/** A unit's records, one that is there several times as often in the list: how they are stored. */
export function listed(records: ReadonlyMap<string, number>): string[] {
  return [...records].flatMap(([record, n]) => Array<string>(n).fill(record));
}

export function counted(records: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const record of records) counts.set(record, (counts.get(record) ?? 0) + 1);
  return counts;
}

/** Throws RangeError when a record that goes was never there: what is kept is not what the changes are of. */
export function changed(
  records: ReadonlyMap<string, number>,
  net: ReadonlyMap<string, number>,
): Map<string, number> {
  const result = new Map(records);
  for (const [record, n] of net) {
    const left = (result.get(record) ?? 0) + n;
    if (left < 0) throw new RangeError(`a record goes that was not kept: ${record}`);
    if (left === 0) result.delete(record);
    else result.set(record, left);
  }
  return result;
}

/** What it adds to each rollup of the group, in their order, that a unit's records became others. */
export function addUnit(
  to: readonly Increments[],
  group: UnitGroup,
  unit: string,
  [before, after]: readonly [ReadonlyMap<string, number>, ReadonlyMap<string, number>],
  context: RollupContext,
): void {
  group.rollups.forEach((rollup, n) => {
    if (before.size > 0) addCells(to[n]!, rollup.cells(unit, before, context), -1);
    if (after.size > 0) addCells(to[n]!, rollup.cells(unit, after, context), 1);
  });
}
