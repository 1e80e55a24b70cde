import { expect } from 'chai';
import type Joi from 'joi';
import { lines, name, text } from '../../src/lib/fields.js';
import { namesByScript } from '../support/scripts.js';

const takes = (field: Joi.Schema, value: string): boolean => field.validate(value).error === undefined;
const shown = (value: string): string =>
  JSON.stringify(value).replaceAll(/[^\x20-\x7e]/gu, (c) => `U+${c.codePointAt(0)!.toString(16)}`);

/** One of each that is refused inside of a line. */
const never = [
  ...Array.from({ length: 0x20 }, (_, code) => code).slice(1),
  ...[0x7f, 0x85, 0x9b, 0x2028, 0x2029],
  ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069],
  ...[
    0xad, 0x115f, 0x1160, 0x180e, 0x200b, 0x2060, 0x2061, 0x2064, 0x206a, 0x206f, 0x2800, 0x3164, 0xfeff,
    0xffa0,
  ],
  ...[0xfff0, 0xfffd, 0x1d173, 0xe0001, 0xe0041],
].map((code) => String.fromCodePoint(code));

/** Of which each is allowed somewhere, and shows nothing by itself. */
const unseen = [
  ...[
    ' ',
    '\u00a0',
    '\u2003',
    '\u3000',
    '\u200c',
    '\u200d',
    '\u200e',
    '\u200f',
    '\u061c',
    '\u034f',
    '\ufe0f',
    '\u{e0100}',
  ],
  ...[
    '\u0301',
    '\u0301\u0308',
    '\u20dd',
    '\u094d',
    '\u05b0',
    '\u064e',
    '\u3099',
    '\ufffc',
    ' \u0301',
    '\ue000',
    '\u{1d159}',
  ],
];

describe('text that is not seen', () => {
  it(`PAT-10: a name of nothing but one of ${never.length + unseen.length} invisible characters is refused`, () => {
    const taken = [...never, ...unseen].flatMap((one) => [one, one.repeat(3), `${one} ${one}`]);
    expect(taken.filter((value) => takes(name(), value)).map(shown)).deep.equal([]);
  });

  it(`PAT-10: a line with one of ${never.length} characters that turn, control or hide is refused`, () => {
    for (const field of [name(), text(), lines()])
      expect(
        never
          .filter(
            (one) =>
              !(
                field.describe().metas?.some((meta: { text?: string }) => meta.text === 'lines') &&
                /[\n\r]/.test(one)
              ),
          )
          .filter((one) => takes(field, `Jo${one}hn`))
          .map(shown),
      ).deep.equal([]);
  });

  it('PAT-10: a (non-)joiner is refused where letters do not join, and U+200B where words are parted by spaces', () => {
    for (const value of ['Jo\u200dhn', 'Jo\u200chn', 'Ив\u200dан', 'Γι\u200cα', 'Jo\u200bhn', 'ស\u200ba'])
      expect(takes(name(), value), shown(value)).equal(false);
    for (const value of [
      'علی\u200cرضا',
      'ක්\u200dරි',
      'សុខ\u200bសាន្ត',
      'שלום\u200f',
      '葛\u{e0100}城',
      '👩\u200d⚕️',
      'José',
      '★',
    ])
      expect(takes(name(), value), shown(value)).equal(true);
  });

  it(`PAT-10: names in ${Object.keys(namesByScript).length} scripts and forms are taken to the letter`, () => {
    for (const [script, value] of Object.entries(namesByScript))
      expect(name().validate(value), script).deep.equal({ value });
  });

  it('PAT-10: several lines keep a line feed and nothing else', () => {
    expect(lines().validate('a\r\nb\rc\nd')).deep.equal({ value: 'a\nb\nc\nd' });
    for (const value of ['a\tb', 'a\u0007b', 'a\u202eb'])
      expect(takes(lines(), value), shown(value)).equal(false);
  });
});
