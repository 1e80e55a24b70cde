import PDFDocument from 'pdfkit';
import { mend, type FontkitFont } from './fontkit-fonts.js';
import { faceOf, faces, visualRuns, type FaceName, type TextRun } from './text-runs.js';

/* The text of others on a page of ours: which signs the fonts have, which way it runs, where it has to end. */

export type Doc = InstanceType<typeof PDFDocument>;

/** By their files and not by names of ours, under which pdfkit (0.20) would read them anew for each cell. */
export const fonts = { regular: faces.base.regular, bold: faces.base.bold } as const;

/** What pdfkit has no types for: how it draws a line, and the font in use as fontkit has it. */
interface Inside {
  _font: {
    readonly name: string;
    readonly ascender: number;
    readonly font: FontkitFont;
  };
  _fontSource: unknown;
  _fontFamily: unknown;
  readonly _fontSize: number;
  _fragment(text: string, x: number, y: number, options: LineOptions): void;
  widthOfString(text: string, options?: object): number;
}

interface LineOptions {
  readonly align?: string;
  readonly width?: number;
  readonly lineWidth?: number;
}

const pdfkit = PDFDocument.prototype as unknown as Inside;

/** With the font of a script, in the weight of the font in use, which stays the one in use. */
function withFace<T>(doc: Inside & Doc, face: FaceName, work: () => T): T {
  const { _font, _fontSource, _fontFamily } = doc;
  doc.font(faces[face][_font.name.includes('Bold') ? 'bold' : 'regular']);
  try {
    return work();
  } finally {
    Object.assign(doc, { _font, _fontSource, _fontFamily });
  }
}

/** Only one font, and the way that pdfkit runs anyway. */
const isOneRun = (runs: readonly TextRun[], text: string): boolean =>
  runs.length === 1 && runs[0]!.face === 'base' && runs[0]!.text === text && !/[\u0590-\u08ff]/.test(text);

/** As wide as its runs are, each in the font of its script. */
function widthOf(doc: Inside & Doc, text: string, options: object = {}): number {
  const runs = visualRuns(text);
  if (isOneRun(runs, text)) return pdfkit.widthOfString.call(doc, text, options);
  const shaped = { ...options, features: [] };
  const widths = runs.map((run) =>
    withFace(doc, run.face, () => pdfkit.widthOfString.call(doc, run.text, shaped)),
  );
  return widths.reduce((sum, width) => sum + width, 0);
}

/** Draws a line run by run: the fonts by their scripts, in the order of the eye. */
function drawLine(doc: Inside & Doc, given: string, x: number, y: number, options: LineOptions): void {
  const text = given.trimEnd();
  const runs = visualRuns(text);
  if (isOneRun(runs, text)) return pdfkit._fragment.call(doc, given, x, y, options);
  const { align, width, lineWidth = 0, ...rest } = options;
  let at = width !== undefined && align === 'right' ? x + lineWidth - widthOf(doc, text) : x;
  // Fonts differ in their ascents; the line has one base.
  const baseline = (-doc._font.ascender / 1000) * doc._fontSize;
  for (const run of runs) {
    const style = { ...rest, baseline, features: [], textWidth: undefined, wordCount: undefined };
    at += withFace(doc, run.face, () => {
      pdfkit._fragment.call(doc, run.text, at, y, style as LineOptions);
      return pdfkit.widthOfString.call(doc, run.text, { features: [] });
    });
  }
}

/** A document whose text is in the fonts of its scripts. */
export function createDocument(options: PDFKit.PDFDocumentOptions): Doc {
  const doc: Doc = new PDFDocument(options);
  const inside = doc as unknown as Inside & Doc;
  inside.widthOfString = (text: string, given?: object) => widthOf(inside, text, given);
  inside._fragment = (text, x, y, given) => drawLine(inside, text, x, y, given);
  const choose = doc.font.bind(doc) as (...args: unknown[]) => Doc;
  doc.font = (...args: unknown[]) => {
    choose(...args);
    mend(inside._font.font);
    return doc;
  };
  return doc;
}

const missing = '\u{fffd}';

/**
 * Text of others, fit to be drawn: one line, no control or direction mark that would act on what stands beside it, no tower of
 * accents that would reach into the lines above, and U+FFFD for what the fonts lack. So, too, for all beyond the basic
 * plane but the signs of Chinese: pdfkit breaks a long word between code units, and never within one of those.
 */
export function drawable(doc: Doc, text: string): string {
  let face: FaceName = 'base';
  const has = (sign: string): boolean => {
    const codePoint = sign.codePointAt(0)!;
    face = faceOf(sign, face);
    if (codePoint > 0xffff && face !== 'han') return false;
    const inside = doc.font(faces[face].regular) as unknown as Inside;
    return inside._font.font.hasGlyphForCodePoint(codePoint);
  };
  return text
    .normalize('NFC')
    .replace(/(?![\u200c\u200d])\p{Cf}/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/((?:(?=\p{M})\p{Script=Inherited}){2})(?:(?=\p{M})\p{Script=Inherited})+/gu, '$1')
    .replace(/(\p{M}{4})\p{M}+/gu, '$1')
    .replace(/[^ -~]/gu, (sign) => (has(sign) ? sign : missing))
    .trim();
}

interface Style {
  readonly font: keyof typeof fonts;
  readonly size: number;
  readonly width: number;
  readonly maxLines: number;
}

/** The text as it can be drawn with this style, cut where it has to be. */
export function fit(doc: Doc, given: string, { font, size, width, maxLines }: Style): string {
  const text = drawable(doc, given);
  doc.font(fonts[font], size);
  const height = maxLines * doc.currentLineHeight(true) + 1;
  const fits = (part: string): boolean => doc.heightOfString(part, { width }) <= height;
  if (fits(text)) return text;
  const signs = [...text];
  let [low, high] = [0, signs.length];
  const cut = (length: number): string => `${signs.slice(0, length).join('').trimEnd()}…`;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(cut(middle))) low = middle;
    else high = middle;
  }
  return cut(low);
}

/** `'1234567.50'` → `'1,234,567.50'`, by its digits: no float in between. */
export const grouped = (amount: string): string => amount.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');
