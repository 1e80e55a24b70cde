import { openFont } from './fontkit-fonts.js';
import { faces, isPlain, visualRuns } from './text-runs.js';

/*
 * The texts of a picture that need more than the base font, as outlines: resvg sets the signs of India upon one another, and
 * svg-to-pdfkit loses marks and turns nothing around. What a picture says stands in its description too.
 */

const entities: Readonly<Record<string, string>> = {
  ...{ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" },
};
const plainOf = (markup: string): string =>
  markup.replace(/&(?:amp|lt|gt|quot|#39);/g, (one) => entities[one]!).trim();

const shares: Readonly<Record<string, number>> = { start: 0, middle: 0.5, end: 1 };

function outlineOf(text: string, attribute: (name: string) => string | undefined): string {
  const size = Number(attribute('font-size') ?? 13);
  const weight = attribute('font-weight') === '600' ? 'bold' : 'regular';
  let width = 0;
  const glyphs = visualRuns(text).flatMap((run) => {
    const font = openFont(faces[run.face][weight]);
    const scale = size / font.unitsPerEm;
    const { glyphs: shapes, positions } = font.layout(run.text);
    return shapes.map(({ path }, at) => {
      const { xAdvance, xOffset, yOffset } = positions[at]!;
      const place = { path, scale, x: width + xOffset * scale, y: yOffset * scale };
      width += xAdvance * scale;
      return place;
    });
  });
  const left = Number(attribute('x') ?? 0) - width * (shares[attribute('text-anchor') ?? 'start'] ?? 0);
  const base = Number(attribute('y') ?? 0);
  const d = glyphs.map(({ path, scale, x, y }) =>
    path.transform(scale, 0, 0, -scale, left + x, base - y).toSVG(),
  );
  return `<path fill="${attribute('fill') ?? '#000000'}" d="${d.join('')}"/>`;
}

/** Our own picture, for what has only the base font and one direction. */
export const withOutlines = (svg: string): string =>
  svg.replace(/<text\b([^>]*)>([^<]*)<\/text\s*>/g, (whole, head: string, markup: string) => {
    const text = plainOf(markup);
    if (isPlain(text)) return whole;
    return outlineOf(text, (name) => new RegExp(`\\b${name}="([^"]*)"`).exec(` ${head}`)?.[1]);
  });
