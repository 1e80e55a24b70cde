import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { ImportFailure, type Row } from './imports.types.js';

/*
 * CSV (RFC 4180, UTF-8, a header line) as a stream that one broken row can't stop. A parser over the whole stream
 * takes an opened quote that is never closed for the start of a field and swallows the rows behind it; here a record
 * is found line by line, so that only the line that is broken is lost.
 */

/** A record may span this many lines; an open quote is broken beyond it. */
const maxSpan = 100;
const maxLineLength = 1_000_000;

/** A record as it stands in the file. `fields` is undefined when its quoting is broken. */
interface CsvRecord {
  readonly line: number;
  readonly text: string;
  readonly fields: readonly string[] | undefined;
}

/** A row that has all columns of the header, or what is wrong with it. */
export type CsvItem<C extends string> =
  { readonly line: number; readonly row: Row<C> } | { readonly line: number; readonly rejected: string };

/** `DIR/name.csv` or `DIR/name.csv.gz`; throws ImportFailure when there is neither. */
export function findCsv(directory: string, name: string): string {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ImportFailure(`There is no directory ${directory}.`);
  }
  const found = [`${name}.csv`, `${name}.csv.gz`].find((file) => existsSync(join(directory, file)));
  if (found === undefined)
    throw new ImportFailure(`There is no ${name}.csv or ${name}.csv.gz in ${directory}.`);
  return join(directory, found);
}

async function* readChunks(path: string, onBytes?: (bytes: number) => void): AsyncGenerator<Buffer> {
  const source = createReadStream(path, { highWaterMark: 1 << 18 });
  if (onBytes) source.on('data', (chunk) => onBytes(chunk.length));
  // A failure of the source destroys the gunzip with the same error, which is what the loop sees.
  const stream: Readable = path.endsWith('.gz')
    ? pipeline(source, createGunzip({ chunkSize: 1 << 18 }), () => undefined)
    : source;
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    throw new ImportFailure(`${path} can't be read: ${(error as Error).message}`);
  }
}

const quotesIn = (text: string): number => text.split('"').length - 1;

function parseQuoted(text: string): readonly string[] | undefined {
  try {
    return parse(text, { relax_column_count: true })[0];
  } catch {
    return undefined;
  }
}

/** Takes lines in, gives records out; `width` is the number of columns, once it is known. */
function createRecordFinder() {
  let lines: string[] = [];
  let first = 1;
  let width: number | undefined;

  /** The record that begins at `lines[at]`, and how many lines it has; undefined when it may go on behind the last one. */
  function recordAt(at: number, ended: boolean): { record: CsvRecord; span: number } | undefined {
    const line = first + at;
    const text = lines[at]!;
    if (!text.includes('"')) return { record: { line, text, fields: text.split(',') }, span: 1 };
    let span = 1;
    let quotes = quotesIn(text);
    for (; quotes % 2 === 1 && span < maxSpan && at + span < lines.length; span++) {
      quotes += quotesIn(lines[at + span]!);
    }
    if (quotes % 2 === 1 && span < maxSpan && !ended) return undefined;
    const all = lines.slice(at, at + span).join('\n');
    const fields = quotes % 2 === 0 ? parseQuoted(all) : undefined;
    // Over several lines, a wrong width tells a stray quote from a field with line breaks in it.
    const sound = fields !== undefined && (span === 1 || width === undefined || fields.length === width);
    return sound
      ? { record: { line, text: all, fields }, span }
      : { record: { line, text, fields: undefined }, span: 1 };
  }

  return {
    add(more: readonly string[], ended: boolean): CsvRecord[] {
      lines = [...lines, ...more];
      const records: CsvRecord[] = [];
      let at = 0;
      while (at < lines.length) {
        if (lines[at] === '') {
          at++;
          continue;
        }
        const found = recordAt(at, ended);
        if (!found) break;
        width ??= found.record.fields?.length;
        records.push(found.record);
        at += found.span;
      }
      lines = lines.slice(at);
      first += at;
      return records;
    },
  };
}

/** All records of a file, the header first, in batches of about a quarter of a megabyte. Empty lines are none. */
export async function* readRecords(
  path: string,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<CsvRecord[]> {
  const finder = createRecordFinder();
  const decoder = new TextDecoder();
  let rest = '';
  const cut = (text: string): string[] =>
    text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  for await (const chunk of readChunks(path, onBytes)) {
    const lines = cut(rest + decoder.decode(chunk, { stream: true }));
    rest = lines.pop()!;
    if (rest.length > maxLineLength)
      throw new ImportFailure(`${path} has a line over ${maxLineLength} characters.`);
    yield finder.add(lines, false);
  }
  yield finder.add(cut(rest + decoder.decode()), true);
}

/** What is wrong with a record as such, whatever its columns mean. */
function faultOf({ text, fields }: CsvRecord, width: number): string | undefined {
  if (fields === undefined) return 'broken quoting';
  if (fields.length !== width) return 'wrong number of columns';
  if (text.includes('\uFFFD')) return 'not UTF-8';
  if (text.includes('\0')) return 'a NUL character';
  return undefined;
}

/** The rows of a file, batch by batch, with the columns asked for. Throws ImportFailure when the header lacks one. */
export async function* readRows<C extends string>(
  path: string,
  columns: readonly C[],
  onBytes?: (bytes: number) => void,
): AsyncGenerator<CsvItem<C>[]> {
  let width: number | undefined;
  let places: (readonly [C, number])[] = [];

  function readHeader({ fields = [] }: CsvRecord): void {
    width = fields.length;
    places = columns.map((column) => [column, fields.indexOf(column)] as const);
    const missing = places.filter(([, place]) => place < 0).map(([column]) => column);
    if (missing.length > 0) throw new ImportFailure(`${path} has no column ${missing.join(', ')}.`);
  }
  function toItem(record: CsvRecord): CsvItem<C> {
    const { line, fields } = record;
    const rejected = faultOf(record, width!);
    if (rejected !== undefined) return { line, rejected };
    const row = {} as Record<C, string>;
    for (const [column, place] of places) row[column] = fields![place]!;
    return { line, row };
  }

  for await (const records of readRecords(path, onBytes)) {
    const [header] = records;
    if (width === undefined && header) {
      readHeader(header);
      records.shift();
    }
    if (records.length > 0) yield records.map(toItem);
  }
  if (width === undefined) throw new ImportFailure(`${path} is empty.`);
}
