import {
  allWords,
  behindWords,
  pathWords,
  totalLine,
  type Column,
  type ReportAnswer,
  type Value,
} from '../src/domains/reports/engine/index.js';

/** How a column's figures are written, so that their points stand below one another. */
function writer({ name, type }: Column, rows: ReportAnswer['rows']): (value: Value) => string {
  const whole = rows.every((row) => row[name] === null || Number.isInteger(row[name]));
  return (value) => {
    if (value === null) return '-';
    if (type === 'rate') return Number(value).toFixed(4);
    if (/days|decimal/.test(type) && !whole) return Number(value).toFixed(2);
    return String(value).replace(/\s+/g, ' ');
  };
}

/** The rows for a terminal: text to the left, figures to the right; below them where they come from. */
export function reportTable(answer: ReportAnswer): string {
  const { columns, rows, receipt, provenance } = answer;
  const below = totalLine(answer);
  const cells = columns.map((column, at) => {
    const isTotalled = below !== null && column.name in below.totals;
    const write = writer(column, isTotalled ? [...rows, below.totals] : rows);
    const texts = [column.name, ...rows.map((row) => write(row[column.name] ?? null))];
    if (below)
      texts.push(at === 0 ? allWords(below.of) : isTotalled ? write(below.totals[column.name]!) : '');
    return {
      texts,
      width: Math.max(...texts.map(({ length }) => length)),
      left: /text|month/.test(column.type),
    };
  });
  const line = (n: number): string =>
    cells
      .map(({ texts, width, left }) => (left ? texts[n]!.padEnd(width) : texts[n]!.padStart(width)))
      .join('  ')
      .trimEnd();
  const { definition, version, as_of, rows_read, engine, engine_ms, path } = provenance;
  const stores = (['mongodb', 'postgres'] as const)
    .filter((store) => engine_ms[store] !== null)
    .map(
      (store) =>
        `${store} ${rows_read?.[store] ?? '-'} rows in ${Math.round(engine_ms[store]!)} ms as of ${as_of[store]?.toISOString() ?? '-'}`,
    );
  const from = [pathWords[path], behindWords(provenance)].filter((words) => words !== null).join(', ');
  return [
    ...[line(0), cells.map(({ width }) => '─'.repeat(width)).join('  ')],
    ...(rows.length === 0 ? ['no rows'] : rows.map((_, n) => line(n + 1))),
    ...(below ? [line(rows.length + 1)] : []),
    '',
    ...(receipt ? [`receipt: ${JSON.stringify(receipt)}`] : []),
    `${definition} version ${version}, engine ${engine}, from ${from}: ${stores.join('; ')}`,
  ].join('\n');
}
