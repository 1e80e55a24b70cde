import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import createBidi from 'bidi-js';

/* Text of many scripts as what a page can draw: runs of one font each, in the order of the eye. */

const { resolve } = createRequire(import.meta.url);

interface Face {
  /** Files of its fonts. */
  readonly regular: string;
  readonly bold: string;
}

const dejavu: Face = {
  regular: resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  bold: resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
};

const noto = (script: string): Face => {
  const name = `NotoSans${script}`;
  const at = `@expo-google-fonts/noto-sans-${script.toLowerCase()}`;
  return {
    regular: resolve(`${at}/400Regular/${name}_400Regular.ttf`),
    bold: resolve(`${at}/700Bold/${name}_700Bold.ttf`),
  };
};

/** The package exports its code, not its fonts: they stand beside it. */
function notoOfAsia(at: string, name: string): Face {
  const folder = join(dirname(resolve(`@embedpdf/fonts-${at}`)), '../fonts');
  return {
    regular: join(folder, `NotoSans${name}-Regular.otf`),
    bold: join(folder, `NotoSans${name}-Bold.otf`),
  };
}

/** `base` has Latin, Greek, Cyrillic, Hebrew and more; Arabic, from the same font, is shaped by itself. */
export const faces = {
  ...{ base: dejavu, arabic: dejavu },
  ...{
    han: notoOfAsia('sc', 'Hans'),
    hangul: notoOfAsia('kr', 'KR'),
  },
  ...{ thai: noto('Thai'), devanagari: noto('Devanagari'), tamil: noto('Tamil'), bengali: noto('Bengali') },
  ...{ telugu: noto('Telugu'), kannada: noto('Kannada'), malayalam: noto('Malayalam') },
  ...{ gujarati: noto('Gujarati'), gurmukhi: noto('Gurmukhi') },
} as const satisfies Record<string, Face>;
export type FaceName = keyof typeof faces;

/** What is written with each. The double dot of India's sentences belongs to several scripts, and goes with its neighbour. */
const scripts: readonly [FaceName, RegExp][] = [
  [
    'han',
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\u3000-\u303f\u30fb-\u30ff\u31c0-\u31ef\ufe30-\ufe4f\uff00-\uffef]/u,
  ],
  ['hangul', /\p{Script=Hangul}/u],
  ['arabic', /\p{Script=Arabic}/u],
  ['thai', /\p{Script=Thai}/u],
  ['devanagari', /[\p{Script=Devanagari}\u0964\u0965]/u],
  ['tamil', /\p{Script=Tamil}/u],
  ['bengali', /\p{Script=Bengali}/u],
  ['telugu', /\p{Script=Telugu}/u],
  ['kannada', /\p{Script=Kannada}/u],
  ['malayalam', /\p{Script=Malayalam}/u],
  ['gujarati', /\p{Script=Gujarati}/u],
  ['gurmukhi', /\p{Script=Gurmukhi}/u],
];

const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** Whether it is one run of the base font, from left to right: nothing in it has a font or a direction of its own. */
export const isPlain = (text: string): boolean => /^[\0-\u0590\u1e00-\u2fff]*$/u.test(text);
/** Marks, joiners and dandas belong to what stands before them. */
const joins = /\p{M}|\u200c|\u200d|\u0964|\u0965/u;

/** The font of a sign that stands behind one in `before`. */
export const faceOf = (sign: string, before: FaceName = 'base'): FaceName =>
  joins.test(sign) && before !== 'base'
    ? before
    : (scripts.find(([, script]) => script.test(sign))?.[0] ?? 'base');

export interface TextRun {
  readonly face: FaceName;
  /** As a font lays it out: one that knows its script to run from right to left turns it around itself. */
  readonly text: string;
}

const bidi = createBidi();

const reversed = (text: string): string => [...text].reverse().join('');

interface LevelRun {
  readonly face: FaceName;
  readonly level: number;
  text: string;
}

/** In the order of reading. */
function logicalRuns(text: string): LevelRun[] {
  const levels = bidi.getEmbeddingLevels(text);
  const runs: LevelRun[] = [];
  let at = 0;
  for (const sign of text) {
    const level = levels.levels[at]!;
    const last = runs.at(-1);
    const face = faceOf(sign, last?.face);
    const shown = (level % 2 === 1 && bidi.getMirroredCharacter(sign)) || sign;
    if (last?.face === face && last.level === level) last.text += shown;
    else runs.push({ face, level, text: shown });
    at += sign.length;
  }
  return runs;
}

/** Rule L2 of the Unicode bidirectional algorithm (UAX #9), over whole runs. */
function inOrderOfTheEye(runs: readonly LevelRun[]): LevelRun[] {
  const ordered = [...runs];
  for (let level = Math.max(0, ...runs.map((run) => run.level)); level > 0; level--)
    for (let start = 0; start < ordered.length; start++) {
      if (ordered[start]!.level < level) continue;
      let end = start;
      while (end + 1 < ordered.length && ordered[end + 1]!.level >= level) end += 1;
      ordered.splice(start, end - start + 1, ...ordered.slice(start, end + 1).reverse());
      start = end;
    }
  return ordered;
}

/** A line of text as runs from left to right. */
export function visualRuns(line: string): TextRun[] {
  if (isPlain(line)) return [{ face: 'base', text: line }];
  return inOrderOfTheEye(logicalRuns(line)).map(({ face, level, text }) => ({
    face,
    text: rightToLeft.test(text) === (level % 2 === 1) ? text : reversed(text),
  }));
}
