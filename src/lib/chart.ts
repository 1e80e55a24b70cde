import { isUpright, lyingBars, uprightBars } from './chart.bars.js';
import { heatMap } from './chart.heat-map.js';
import { lines } from './chart.lines.js';
import { clean, palettes, patterns, px, type Drawn, type Pen, type Theme } from './chart.parts.js';
import type { Chart, SeriesChart } from './chart.types.js';
import { html, toText, type Html } from './html.js';

interface ChartOptions {
  /** In pixels; 880 by default. What lies beneath 520 is drawn for a small screen. */
  readonly width?: number;
  /** Of charts that may have any height; the others are as high as they need. */
  readonly height?: number;
  readonly theme?: Theme;
  /** Of the picture in its page: what its ids begin with. */
  readonly id?: string;
}

/** Names come from people and stores: one line each, and a series has a value for each category. */
function tidy(chart: Chart): Chart {
  const titled = {
    title: clean(chart.title),
    description: clean(chart.description),
    unit: clean(chart.unit),
  };
  if (chart.kind === 'heat-map') return { ...chart, ...titled, x: chart.x.map(clean), y: chart.y.map(clean) };
  const series = chart.series.map(({ name, values, nothing = 'no figure' }) => ({
    ...{ name: clean(name), nothing },
    values: chart.categories.map((_, at) => values[at] ?? null),
  }));
  return { ...chart, ...titled, series, categories: chart.categories.map(clean) };
}

const isEmpty = (chart: Chart): boolean =>
  chart.kind === 'heat-map'
    ? chart.x.length === 0 || chart.y.length === 0
    : chart.categories.length === 0 || chart.series.length === 0;

function drawSeries(pen: Pen, chart: SeriesChart, height: number): Drawn {
  if (chart.kind === 'line') return lines(pen, chart, height);
  return isUpright(chart, pen.width) ? uprightBars(pen, chart, height) : lyingBars(pen, chart);
}

/**
 * The chart as markup for a page or, as `chartSvg`, a picture of its own. It has no script, no style and no style attributes, so that
 * any content security policy lets it be; colours are attributes, before which the classes of a style sheet go. The same chart
 * gives the same text. Throws a RangeError for a chart without categories.
 */
export function chartMarkup(given: Chart, options: ChartOptions = {}): Html {
  if (isEmpty(given)) throw new RangeError('a chart needs something to draw');
  const { width = 880, height = 360, theme = 'light', id = 'chart' } = options;
  const chart = tidy(given);
  const pen: Pen = { palette: palettes[theme], id, width };
  const drawn = chart.kind === 'heat-map' ? heatMap(pen, chart) : drawSeries(pen, chart, height);
  const isLinked = chart.links?.flat().some((link) => link !== null);
  return html`<svg
    class="chart-picture"
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${width} ${px(drawn.height)}"
    role="${isLinked ? 'group' : 'img'}"
    aria-labelledby="${id}-title ${id}-description"
    font-family="DejaVu Sans, sans-serif"
  >
    <title id="${id}-title">${chart.title}</title>
    <desc id="${id}-description">${chart.description}</desc>
    ${chart.kind !== 'heat-map' && chart.kind !== 'line' && patterns(pen, chart.series.length)}
    ${drawn.content}
  </svg>`;
}

/** The chart as an SVG file: with its title above and on a ground of its own. */
export function chartSvg(given: Chart, options: ChartOptions = {}): string {
  const { width = 880, theme = 'light' } = options;
  const { ground, ink } = palettes[theme];
  const inner = toText(chartMarkup(given, { ...options, width: width - 48 }));
  const height = Number(/viewBox="0 0 [\d.]+ ([\d.]+)"/.exec(inner)![1]);
  const [x, y] = [24, 64];
  const placed = inner.replace('<svg', `<svg x="${x}" y="${y}" width="${width - 48}" height="${height}"`);
  const total = px(height + y + 24);
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}"`;
  const title = toText(
    html`<rect width="${width}" height="${total}" fill="${ground}" /><text
        x="${x}"
        y="36"
        font-family="DejaVu Sans, sans-serif"
        font-size="18"
        font-weight="600"
        fill="${ink}"
        >${clean(given.title)}</text
      >`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}>${title}${placed}</svg>\n`;
}
