import { inflateRawSync } from 'node:zlib';

/* Reads a workbook by itself: what wrote it is not asked whether it did so well. */

/** The files of a zip archive, by their names. */
export function unzip(archive: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const method = archive.readUInt16LE(at + 10);
    const size = archive.readUInt32LE(at + 20);
    const [name, extra, comment] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset));
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const data = archive.subarray(start, start + size);
    files.set(
      archive.toString('utf8', at + 46, at + 46 + name!),
      (method === 8 ? inflateRawSync(data) : data).toString('utf8'),
    );
    at += 46 + name! + extra! + comment!;
  }
  return files;
}

interface SheetCell {
  /** `s`: text; `n`: a number. */
  readonly type: string;
  readonly value: string;
  readonly hasFormula: boolean;
}

const plain = (xml: string): string =>
  xml
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

/** The cells of a sheet, from 1, row by row; what is empty is null. */
export function readSheet(archive: Buffer, number: number): (SheetCell | null)[][] {
  const files = unzip(archive);
  const shared = [...(files.get('xl/sharedStrings.xml') ?? '').matchAll(/<si>(.*?)<\/si>/gs)].map(
    ([, item]) => plain([...item!.matchAll(/<t[^>]*>(.*?)<\/t>/gs)].map(([, text]) => text).join('')),
  );
  const rows = [...files.get(`xl/worksheets/sheet${number}.xml`)!.matchAll(/<row[^>]*>(.*?)<\/row>/gs)];
  return rows.map(([, row]) =>
    [...row!.matchAll(/<c\s([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)].map(([, attributes, content = '']) => {
      const value = /<v>(.*?)<\/v>/s.exec(content)?.[1];
      if (value === undefined) return null;
      const type = /\bt="(\w+)"/.exec(attributes!)?.[1] ?? 'n';
      return {
        type,
        value: type === 's' ? shared[Number(value)]! : value,
        hasFormula: content.includes('<f'),
      };
    }),
  );
}
