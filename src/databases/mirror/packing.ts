import bindings from '@duckdb/node-bindings';
import {
  BIGINT,
  DuckDBDataChunk,
  HUGEINT,
  INTEGER,
  VARCHAR,
  type DuckDBAppender,
  type DuckDBConnection,
} from '@duckdb/node-api';
import { uint32 } from '../../lib/bytes.js';

/*
 * Rows as bytes, column by column as the engine holds them: millions of values are copied and none is looked at. For a file that this
 * program alone reads, on the machine that has written it.
 */

/** Bytes of a value; texts are told as JSON. */
export type Width = 4 | 8 | 16 | 'text';
const types = { 4: INTEGER, 8: BIGINT, 16: HUGEINT, text: VARCHAR } as const;

/** A bit for each row, in whole words of 64. */
const validityBytes = (rows: number): number => Math.ceil(rows / 64) * 8;

function packColumn(chunk: DuckDBDataChunk, column: number, width: Width): Buffer[] {
  const rows = chunk.rowCount;
  if (width === 'text') {
    const texts = Buffer.from(JSON.stringify(chunk.getColumnValues(column)));
    return [uint32(texts.length), texts];
  }
  const vector = bindings.data_chunk_get_vector(chunk.chunk, column);
  // None where nothing is missing.
  const validity = bindings.vector_get_validity(vector, validityBytes(rows)) as Uint8Array | null;
  return [
    uint32(validity ? validity.length : 0),
    ...(validity ? [Buffer.from(validity)] : []),
    Buffer.from(bindings.vector_get_data(vector, rows * width)),
  ];
}

const pack = (chunk: DuckDBDataChunk, widths: readonly Width[]): Buffer =>
  Buffer.concat([
    uint32(chunk.rowCount),
    ...widths.flatMap((width, column) => packColumn(chunk, column, width)),
  ]);

/** Appends what `packedRows` has told. */
export function appendPacked(appender: DuckDBAppender, packed: Buffer, widths: readonly Width[]): void {
  let at = 0;
  const number = (): number => packed.readUInt32LE((at += 4) - 4);
  const bytes = (length: number): Buffer => packed.subarray(at, (at += length));

  function unpackColumn(chunk: DuckDBDataChunk, column: number, width: Width): void {
    const length = number();
    if (width === 'text') {
      chunk.setColumnValues(column, JSON.parse(bytes(length).toString()) as (string | null)[]);
      return;
    }
    const vector = bindings.data_chunk_get_vector(chunk.chunk, column);
    if (length > 0) {
      const { buffer, byteOffset } = bytes(length);
      bindings.vector_ensure_validity_writable(vector);
      bindings.copy_data_to_vector_validity(vector, 0, buffer as ArrayBuffer, byteOffset, length);
    }
    const data = bytes(chunk.rowCount * width);
    bindings.copy_data_to_vector(vector, 0, data.buffer as ArrayBuffer, data.byteOffset, data.length);
  }

  while (at < packed.length) {
    const chunk = DuckDBDataChunk.create(
      widths.map((width) => types[width]),
      number(),
    );
    widths.forEach((width, column) => unpackColumn(chunk, column, width));
    appender.appendDataChunk(chunk);
  }
}

/** Chunks that are told as one: a megabyte or two. */
const chunksAtOnce = 32;

/** All rows of a table. */
export async function* packedRows(
  reader: DuckDBConnection,
  table: string,
  widths: readonly Width[],
): AsyncGenerator<Buffer, void> {
  const found = await reader.stream(`select * from ${table}`);
  let chunks: Buffer[] = [];
  for (;;) {
    const chunk = await found.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    if (chunks.push(pack(chunk, widths)) < chunksAtOnce) continue;
    yield Buffer.concat(chunks);
    chunks = [];
  }
  if (chunks.length > 0) yield Buffer.concat(chunks);
}
