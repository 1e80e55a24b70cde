import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

/* docs/security/asvs.md says what of ASVS 5.0 holds here; what it points to must be there. */

const file = 'docs/security/asvs.md';
/** Of levels 1 and 2, as OWASP publishes them. */
const published = { '1': 70, '2': 183 };

interface Row {
  readonly id: string;
  readonly level: string;
  readonly shown: string;
}

const text = readFileSync(file, 'utf8');
const rows: Row[] = [...text.matchAll(/^\| (\d+\.\d+\.\d+) +\| (\d) +\| [^|]+ \| (.+) \|$/gm)].map(
  ([, id, level, shown]) => ({ id: id!, level: level!, shown: shown!.trim() }),
);
const linksIn = ({ shown }: Row): (readonly [text: string, to: string])[] =>
  [...shown.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, words, to]) => [words!, to!] as const);

/** As GitHub names them. */
const headingsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );

/** What is wrong with a link, in words; undefined when nothing is. */
function faultOf(words: string, to: string): string | undefined {
  const [path, anchor] = to.split('#') as [string, string?];
  const at = join(dirname(file), path);
  if (!existsSync(at)) return `${at} is not there`;
  const found = readFileSync(at, 'utf8');
  if (at.endsWith('.test.ts')) {
    const isTest = [`'${words.replaceAll("'", "\\'")}'`, `"${words}"`, `\`${words}\``].some((title) =>
      found.includes(`it(${title}`),
    );
    return isTest ? undefined : `${at} has no test “${words}”`;
  }
  return anchor === undefined || headingsOf(found).includes(anchor)
    ? undefined
    : `${at} has no heading ${anchor}`;
}

const reason = /^(Does not apply|Open): \S/;

describe('the table of ASVS 5.0', () => {
  it('QUAL-4: has each requirement of levels 1 and 2 once, in their order', () => {
    const ids = rows.map(({ id }) => id);
    expect(new Set(ids).size).equal(ids.length);
    const inOrder = ids.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }));
    expect(ids).to.eql(inOrder);
    for (const [level, count] of Object.entries(published))
      expect(rows.filter((row) => row.level === level).length, `level ${level}`).equal(count);
  });

  it('QUAL-4: shows each by tests or documents that are there, or says why it does not apply, or what is open', () => {
    const faults = rows.flatMap((row) => {
      const links = linksIn(row);
      if (links.length === 0) return reason.test(row.shown) ? [] : [`${row.id}: nothing shows it`];
      return links.flatMap(([words, to]) => faultOf(words, to) ?? []).map((fault) => `${row.id}: ${fault}`);
    });
    expect(faults).to.eql([]);
  });

  it('QUAL-4: says how many of each there are', () => {
    const count = (is: (row: Row) => boolean): number => rows.filter(is).length;
    const isTested = (row: Row): boolean => linksIn(row).some(([, to]) => to.endsWith('.test.ts'));
    const open = count(({ shown }) => shown.startsWith('Open: '));
    const none = count(({ shown }) => shown.startsWith('Does not apply: '));
    const tested = count(isTested);
    expect(text).to.include(
      `${tested} are shown by tests, ${rows.length - tested - none - open} by documents, ${none} do not apply, ${open} are open.`,
    );
  });
});
