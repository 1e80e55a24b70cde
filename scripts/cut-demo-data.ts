/*
 * Usage: npx tsx scripts/cut-demo-data.ts DIR [--json]
 *
 * Cuts the demo records (src/domains/exchange/imports/demo) out of a data directory with `synthea/` and `medscheduler/` in it:
 * one patient in five and one in three, with every row that names them and the providers and organizations that occur.
 * Rows are chosen by a hash of the patient's id and are kept to the letter, so the same files give the same slice.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { findCsv, readRecords } from '../src/domains/exchange/imports/csv.js';
import { table } from '../src/lib/table.js';
import { existing, exitCodes, runCommand } from './command.js';

interface Cut {
  readonly file: string;
  readonly rows: number;
  readonly of: number;
  readonly bytes: number;
}

interface Origin {
  readonly directory: string;
  readonly signal: AbortSignal;
}

const target = join(import.meta.dirname, '../src/domains/exchange/imports/demo');

const oneIn = (n: number, id: string): boolean =>
  createHash('sha256').update(`demo ${id}`).digest().readUInt32BE(0) % n === 0;

/** Copies the header and the rows that `choose` wants, told by their values of `columns`. */
async function cutFile(
  { directory, signal }: Origin,
  source: string,
  name: string,
  columns: readonly string[],
  choose: (values: readonly string[]) => boolean,
): Promise<Cut> {
  let places: number[] | undefined;
  const kept: string[] = [];
  let of = 0;
  for await (const records of readRecords(findCsv(join(directory, source), name))) {
    signal.throwIfAborted();
    for (const { line, text, fields } of records) {
      if (!fields) throw new Error(`${source}/${name}, line ${line}: broken quoting`);
      if (!places) {
        places = columns.map((column) => fields.indexOf(column));
        kept.push(text);
      } else {
        of++;
        if (choose(places.map((place) => fields[place]!))) kept.push(text);
      }
    }
  }
  // Node's gzip writes no time and no name: the same rows are the same bytes.
  const zipped = gzipSync(`${kept.join('\n')}\n`, { level: 9 });
  mkdirSync(join(target, source), { recursive: true });
  writeFileSync(join(target, source, `${name}.csv.gz`), zipped);
  return { file: `${source}/${name}.csv.gz`, rows: kept.length - 1, of, bytes: zipped.length };
}

async function cutSynthea(origin: Origin): Promise<Cut[]> {
  const isChosen = ([patient]: readonly string[]): boolean => oneIn(5, patient!);
  const providers = new Set<string>();
  const organizations = new Set<string>();
  const cut = (
    name: string,
    columns: string[],
    choose: (values: readonly string[]) => boolean,
  ): Promise<Cut> => cutFile(origin, 'synthea', name, columns, choose);
  const cuts = [
    await cut('patients', ['Id'], isChosen),
    await cut('encounters', ['PATIENT', 'PROVIDER'], ([patient, provider]) => {
      if (!oneIn(5, patient!)) return false;
      providers.add(provider!);
      return true;
    }),
    await cut('providers', ['Id', 'ORGANIZATION'], ([id, organization]) => {
      if (!providers.has(id!)) return false;
      organizations.add(organization!);
      return true;
    }),
    await cut('organizations', ['Id'], ([id]) => organizations.has(id!)),
  ];
  for (const name of ['conditions', 'allergies', 'medications']) {
    cuts.push(await cut(name, ['PATIENT'], isChosen));
  }
  cuts.push(await cut('claims_transactions', ['PATIENTID'], isChosen));
  return cuts;
}

async function cutMedscheduler(origin: Origin): Promise<Cut[]> {
  const isChosen = ([patient]: readonly string[]): boolean => oneIn(3, patient!);
  const cut = (name: string): Promise<Cut> => cutFile(origin, 'medscheduler', name, ['patient_id'], isChosen);
  return [await cut('patients'), await cut('appointments')];
}

const command = new Command('npx tsx scripts/cut-demo-data.ts')
  .description('Cuts the demo records out of a data directory')
  .argument('<dir>', 'holds synthea/ and medscheduler/', existing)
  .option('--json', 'print the result as JSON');

await runCommand<{ json?: true }>(command, async ({ json }, signal) => {
  const origin = { directory: command.args[0]!, signal };
  const cuts = [...(await cutSynthea(origin)), ...(await cutMedscheduler(origin))];
  const bytes = cuts.reduce((sum, cut) => sum + cut.bytes, 0);
  const rows = cuts.map((cut) => [cut.file, cut.rows, cut.of, cut.bytes]);
  process.stdout.write(
    json
      ? `${JSON.stringify({ files: cuts, bytes }, null, 2)}\n`
      : `${table(['file', 'rows', 'of', 'bytes'], rows)}\n${bytes} bytes in all\n`,
  );
  return exitCodes.ok;
});
