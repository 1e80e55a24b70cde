type Cell = string | number | bigint | boolean | null | undefined;

const textOf = (cell: Cell): string =>
  cell === null || cell === undefined ? '' : String(cell).replaceAll('|', '\\|').replace(/\s+/g, ' ');

const isNumber = (cell: Cell): boolean =>
  typeof cell === 'string' ? /^-?\d+\.\d\d$/.test(cell) : ['number', 'bigint'].includes(typeof cell);

/**
 * A table for a terminal that is also one in Markdown, so that what a command prints can stand in a document. Columns
 * with numbers or amounts are set to the right.
 */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const columns = headings.map((heading, column) => {
    const cells = rows.map((row) => row[column]);
    const texts = cells.map(textOf);
    return {
      texts: [heading, ...texts],
      width: Math.max(3, ...[heading, ...texts].map(({ length }) => length)),
      right: cells.some(isNumber),
    };
  });
  const line = (index: number): string => {
    const cells = columns.map(({ texts, width, right }) =>
      right ? texts[index]!.padStart(width) : texts[index]!.padEnd(width),
    );
    return `| ${cells.join(' | ')} |`.trimEnd();
  };
  const rule = columns.map(({ width, right }) => (right ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(0), `| ${rule.join(' | ')} |`, ...rows.map((_, index) => line(index + 1))].join('\n');
}
