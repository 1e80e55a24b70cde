import { withOutlines } from './chart.outlines.js';
import { faces } from './text-runs.js';

/**
 * A picture of `chartSvg` as PNG, at twice its size for sharp screens. Fonts are those that we bring: the same picture on every
 * machine.
 */
export async function chartPng(svg: string): Promise<Buffer> {
  // A native library that most processes never need.
  const { Resvg } = await import('@resvg/resvg-js');
  const picture = new Resvg(withOutlines(svg), {
    fitTo: { mode: 'zoom', value: 2 },
    font: {
      loadSystemFonts: false,
      fontFiles: [faces.base.regular, faces.base.bold],
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
    },
  });
  return picture.render().asPng();
}
