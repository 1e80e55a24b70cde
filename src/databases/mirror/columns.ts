import type { MirrorTable } from './mirror.types.js';
import type { Width } from './packing.js';

/* How the columns of a table are held. */

const sqlTypes = { text: 'varchar', word: 'integer', integer: 'integer', bigint: 'bigint' } as const;
const widths = { text: 'text', word: 4, integer: 4, bigint: 8 } as const;

const keyTypes = { digest: ['hugeint'], word: [sqlTypes.word], none: [] } as const;
const keyWidths = { digest: [16], word: [widths.word], none: [] } as const;

export const columnsOf = ({ key, keyType = 'digest', columns }: MirrorTable): string =>
  [
    ...keyTypes[keyType].map((type) => `${key} ${type}`),
    ...columns.map(({ name, type }) => `${name} ${sqlTypes[type]}`),
  ].join(', ');

export const widthsOf = ({ keyType = 'digest', columns }: MirrorTable): Width[] => [
  ...keyWidths[keyType],
  ...columns.map(({ type }) => widths[type]),
];
