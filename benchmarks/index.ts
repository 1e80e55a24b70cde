/**
 * Lists the benchmarks: each `<name>.bench.ts` answers the question in its first line.
 *
 * Usage: npx tsx benchmarks/index.ts
 */
import { readdir, readFile } from 'node:fs/promises';
import { table } from '../src/lib/table.js';

const rows: string[][] = [];
for (const file of (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.bench.ts')).sort()) {
  const text = await readFile(new URL(file, import.meta.url), 'utf8');
  rows.push([`npm run bench:${file.replace('.bench.ts', '')}`, / \* (.*?\?)/.exec(text)?.[1] ?? '']);
}
process.stdout.write(`${table(['command', 'question'], rows)}\n`);
