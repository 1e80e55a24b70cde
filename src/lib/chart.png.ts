import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);
const fontFile = (name: string): string => resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`);

/**
 * A picture of `chartSvg` as PNG, at twice its size for sharp screens. Fonts are those that we bring: the same picture on every
 * machine.
 */
export async function chartPng(svg: string): Promise<Buffer> {
  // A native library that most processes never need.
  const { Resvg } = await import('@resvg/resvg-js');
  const picture = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: 2 },
    font: {
      loadSystemFonts: false,
      fontFiles: [fontFile('DejaVuSans'), fontFile('DejaVuSans-Bold')],
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
    },
  });
  return picture.render().asPng();
}
