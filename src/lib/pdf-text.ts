import { fileURLToPath } from 'node:url';
import type PDFDocument from 'pdfkit';

/* The text of others on a page of ours: which signs the fonts have, which way it runs, where it has to end. */

export type Doc = InstanceType<typeof PDFDocument>;

const fontFile = (name: string): string =>
  fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`));

/** By their files and not by names of ours, under which pdfkit (0.20) would read them anew for each cell. */
export const fonts = { regular: fontFile('DejaVuSans'), bold: fontFile('DejaVuSans-Bold') } as const;

/** The font in use as fontkit has it; pdfkit has no other way to ask whether it has a character. */
interface FontInUse {
  readonly _font: { readonly font: { hasGlyphForCodePoint(codePoint: number): boolean } };
}

const missing = '\u{fffd}';

/**
 * Text of others, fit to be drawn: one line, no control or direction mark that would act on what stands beside it, no tower of
 * accents that would reach into the lines above, and U+FFFD for what the fonts lack. So, too, for all beyond the basic
 * plane: pdfkit breaks a long word between code units.
 */
export function drawable(doc: Doc, text: string): string {
  const has = Object.values(fonts).map((font) => {
    const { _font } = doc.font(font) as unknown as FontInUse;
    return (codePoint: number): boolean => _font.font.hasGlyphForCodePoint(codePoint);
  });
  return text
    .normalize('NFC')
    .replace(/(?![\u200c\u200d])\p{Cf}/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/(\p{M}{2})\p{M}+/gu, '$1')
    .replace(/[^ -~]/gu, (sign) => {
      const codePoint = sign.codePointAt(0)!;
      return codePoint <= 0xffff && has.every((hasGlyph) => hasGlyph(codePoint)) ? sign : missing;
    })
    .trim();
}

/** Whether its letters are Arabic or Hebrew, all of them, and no digits among them, which run from left to right. */
const isRightToLeft = (text: string): boolean =>
  /\p{L}/u.test(text) && !/[^\P{L}\p{Script=Arabic}\p{Script=Hebrew}]|\p{N}/u.test(text);

interface Style {
  readonly font: keyof typeof fonts;
  readonly size: number;
  readonly width: number;
  readonly maxLines: number;
}

interface Fitted {
  readonly text: string;
  readonly textOptions: { readonly features?: [] };
}

/** The text as it can be drawn with this style, cut where it has to be. */
export function fit(doc: Doc, given: string, { font, size, width, maxLines }: Style): Fitted {
  const text = drawable(doc, given);
  doc.font(fonts[font], size);
  // Word by word, as pdfkit lays out a line, the words would run from left to right; with features it takes the whole line.
  const textOptions = isRightToLeft(text) ? { features: [] as [] } : {};
  const height = maxLines * doc.currentLineHeight(true) + 1;
  const fits = (part: string): boolean => doc.heightOfString(part, { ...textOptions, width }) <= height;
  if (fits(text)) return { text, textOptions };
  let [low, high] = [0, text.length];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(`${text.slice(0, middle)}…`)) low = middle;
    else high = middle;
  }
  return { text: `${text.slice(0, low).trimEnd()}…`, textOptions };
}

/** `'1234567.50'` → `'1,234,567.50'`, by its digits: no float in between. */
export const grouped = (amount: string): string => amount.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');
