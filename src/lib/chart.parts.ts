import { html, type Content, type Html } from './html.js';

/* What all charts are drawn with. Lengths are in the units of the picture's own `viewBox`: CSS pixels when shown full size. */

export type Theme = 'light' | 'dark';

/**
 * The colours of a picture that stands alone. A page has a style sheet that goes before these attributes: it names each class
 * below, so that the same picture is dark on a dark page.
 */
interface Palette {
  readonly ground: string;
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  /** Of text on a coloured ground. */
  readonly on: string;
  readonly series: readonly string[];
  /** From nothing to the most; text on the first `dark` of them is `ink`, on the others `on`. */
  readonly heat: readonly string[];
}

export const palettes: Readonly<Record<Theme, Palette>> = {
  light: {
    ...{ ground: '#ffffff', ink: '#14201e', quiet: '#52615d', line: '#d6dedb', on: '#ffffff' },
    series: ['#0b6157', '#b5541c', '#4f5fae', '#6b7580', '#a03a6b', '#66741c'],
    heat: ['#f1f5f4', '#d8ebe7', '#b3d9d2', '#7fbfb4', '#2a7d70', '#0b5a51'],
  },
  dark: {
    ...{ ground: '#171f1d', ink: '#e9efed', quiet: '#a5b3af', line: '#2c3835', on: '#08110f' },
    series: ['#63cfbd', '#f0a16a', '#a9b4f5', '#9aa7a3', '#ef9ac0', '#c3d069'],
    heat: ['#1d2725', '#1b3833', '#20504a', '#2a6a60', '#6cc0b0', '#b4ebe1'],
  },
};

/** How many of the steps of a heat map have their text in `ink`. */
export const inkSteps = 4;

export interface Pen {
  readonly palette: Palette;
  /** Goes before every id, so that two pictures in one page have none in common. */
  readonly id: string;
  readonly width: number;
}

/** What a plot is: its picture, and how high it came to be. */
export interface Drawn {
  readonly height: number;
  readonly content: Content;
}

export const sizes = { text: 13, small: 12 } as const;

const narrow = /[ .,:;'|!ijlIft()[\]/-]/;
const wide = /[mwMW@%—]/;

/** About what DejaVu Sans needs, which is wider than the other fonts that a page may have. */
export function textWidth(text: string, size: number): number {
  let ems = 0;
  for (const sign of text)
    ems +=
      sign.codePointAt(0)! > 0x2e7f
        ? 1.05
        : narrow.test(sign)
          ? 0.37
          : wide.test(sign)
            ? 0.97
            : sign >= 'A' && sign <= 'Z'
              ? 0.7
              : 0.62;
  return ems * size;
}

/** One line without what XML has no place for, or what would turn the text beside it around. */
export const clean = (text: string): string =>
  text
    .replace(
      /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\ufffe\uffff]/g,
      '\ufffd',
    )
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();

/** Cut with an ellipsis where it has to be. */
export function fitText(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const signs = [...text];
  while (signs.length > 1 && textWidth(`${signs.join('')}…`, size) > width) signs.pop();
  return `${signs.join('').trimEnd()}…`;
}

/** Two decimals of a pixel are more than anybody sees, and the same on every machine. */
export const px = (value: number): number => Math.round(value * 100) / 100;

const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const valueText = (value: number): string => exact.format(value).replace('-', '−');

const even = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Always with two decimals. */
export const evenText = (value: number): string => even.format(value).replace('-', '−');

/** For where there is little room: `12.5K`. */
export const shortText = (value: number): string =>
  Math.abs(value) < 10_000 ? valueText(value) : short.format(value).replace('-', '−');

export const withUnit = (value: number, unit: string): string => `${valueText(value)} ${unit}`.trim();

interface TextStyle {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** `ink`, `quiet` or `on` a coloured ground. */
  readonly colour?: 'ink' | 'quiet' | 'on';
  readonly bold?: boolean;
}

export function text({ palette }: Pen, x: number, y: number, words: string, style: TextStyle = {}): Html {
  const { size = sizes.small, anchor = 'start', colour = 'quiet', bold = false } = style;
  return html`<text
    class="t-${colour}"
    x="${px(x)}"
    y="${px(y)}"
    font-size="${size}"
    text-anchor="${anchor}"
    fill="${palette[colour]}"
    ${bold && html`font-weight="600"`}
    >${words}</text
  >`;
}

export const line = ({ palette }: Pen, x1: number, y1: number, x2: number, y2: number): Html =>
  html`<path
    class="rule"
    d="M${px(x1)} ${px(y1)}L${px(x2)} ${px(y2)}"
    fill="none"
    stroke="${palette.line}"
  />`;

/** The class and the colour of a series. After six they begin again: nobody tells more apart. */
export const seriesAt = ({ palette }: Pen, index: number): { name: string; colour: string } => {
  const at = index % palette.series.length;
  return { name: `s${at + 1}`, colour: palette.series[at]! };
};

/** What tells the second series and those after it apart beside their colours. */
const textures = [
  null,
  'M0 8L8 0M-1 1L1 -1M7 9L9 7',
  'M2 2h0.01M6 6h0.01',
  'M0 2H8M0 6H8',
  'M0 0L8 8M-1 7L1 9M7 -1L9 1',
  'M2 0V8M6 0V8',
] as const;

export const patterns = ({ palette, id }: Pen, series: number): Html =>
  html`<defs>
    ${textures.slice(0, series).map(
      (texture, index) =>
        texture !== null &&
        html`<pattern id="${id}-p${index}" width="8" height="8" patternUnits="userSpaceOnUse">
          <path
            class="texture"
            d="${texture}"
            fill="none"
            stroke="${palette.ground}"
            stroke-width="${index === 2 ? 2 : 1.25}"
            stroke-opacity="0.45"
            stroke-linecap="${index === 2 ? 'round' : 'butt'}"
          />
        </pattern>`,
    )}
  </defs>`;

/** A rectangle in the colour and the texture of a series. */
export function block(
  pen: Pen,
  index: number,
  box: readonly [x: number, y: number, w: number, h: number],
): Html {
  const { name, colour } = seriesAt(pen, index);
  const [x, y, width, height] = box.map(px);
  const place = html`x="${x}" y="${y}" width="${width}" height="${height}" rx="${Math.min(2, width! / 4)}"`;
  const texture = textures[index % textures.length];
  return html`<rect class="${name}" ${place} fill="${colour}" />${
      texture !== null && html`<rect ${place} fill="url(#${pen.id}-p${index % textures.length})" />`
    }`;
}

/** Text on a block, on a ground of its colour so that no texture runs through it. */
export function onBlock(pen: Pen, index: number, x: number, y: number, words: string): Html {
  const { name, colour } = seriesAt(pen, index);
  const width = textWidth(words, sizes.small) + 2;
  return html`<rect
      class="${name}"
      x="${px(x - width / 2)}"
      y="${px(y - sizes.small + 1)}"
      width="${px(width)}"
      height="${sizes.small + 1}"
      fill="${colour}"
    />${text(pen, x, y, words, { anchor: 'middle', colour: 'on' })}`;
}

/** The names of the series in their order, in as many lines as they need; nothing for a single one. */
export function legend(
  pen: Pen,
  names: readonly string[],
  top: number,
  swatch: (index: number, x: number, y: number) => Html,
): Drawn {
  if (names.length < 2) return { height: 0, content: null };
  let [x, y] = [0, top + 12];
  const content = names.map((name, index) => {
    const words = fitText(name, sizes.text, pen.width - 24);
    const width = 20 + textWidth(words, sizes.text) + 18;
    if (x > 0 && x + width > pen.width) [x, y] = [0, y + 22];
    const entry = html`${swatch(index, x, y - 10)}
    ${text(pen, x + 20, y, words, { size: sizes.text, colour: 'ink' })}`;
    x += width;
    return entry;
  });
  return { height: y - top + 12, content };
}

/** In words for anyone who hears it or points at it, with an address of ours around what leads there. Anything else leads nowhere. */
export function linked(
  href: string | null | undefined,
  label: string,
  content: Content,
  { isTabStop = true }: { readonly isTabStop?: boolean } = {},
): Content {
  const titled = html`<title>${label}</title>`;
  if (href === null || href === undefined || !/^\/(?!\/)[!-~]*$/.test(href))
    return html`<g>${titled}${content}</g>`;
  return html`<a href="${href}" ${!isTabStop && html`tabindex="-1"`}>${titled}${content}</a>`;
}
