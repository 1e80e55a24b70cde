import type { MirrorTable } from './mirror.types.js';
import type { Width } from './packing.js';

/** How a value of each type is held. */
const held = {
  digest: { sql: 'hugeint', width: 16 },
  text: { sql: 'varchar', width: 'text' },
  word: { sql: 'integer', width: 4 },
  integer: { sql: 'integer', width: 4 },
  bigint: { sql: 'bigint', width: 8 },
} as const;

/** The columns of a table, its key first where that is held. */
const heldColumns = ({ key, keyType = 'digest', columns }: MirrorTable) => [
  ...(keyType === 'none' ? [] : [{ name: key, type: keyType }]),
  ...columns,
];

export const columnsOf = (table: MirrorTable): string =>
  heldColumns(table)
    .map(({ name, type }) => `${name} ${held[type].sql}`)
    .join(', ');

export const widthsOf = (table: MirrorTable): Width[] =>
  heldColumns(table).map(({ type }) => held[type].width);
