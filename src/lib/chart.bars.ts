import {
  block,
  evenText,
  fitText,
  legend,
  line,
  linked,
  onBlock,
  shortText,
  sizes,
  text,
  textWidth,
  valueText,
  withUnit,
  type Drawn,
  type Pen,
} from './chart.parts.js';
import { scaleOf, type Scale } from './chart.scale.js';
import { goalsOf, targetLines } from './chart.targets.js';
import type { ChartValue, SeriesChart } from './chart.types.js';
import { html, type Content } from './html.js';

const swatch = (pen: Pen) => (index: number, x: number, y: number) => block(pen, index, [x, y, 12, 12]);

/** The most bars that run across: more are for the table. */
const mostRows = 40;

const isMonths = (categories: readonly string[]): boolean =>
  categories.every((category) => /^\d{4}(-\d{2})?(-\d{2})?$|^\p{L}{3,4}\.? \d{2,4}$/u.test(category));

/** Times, and a few short words, stand beside one another; names are read from above to below. */
export const isUpright = ({ categories }: SeriesChart, width: number): boolean =>
  isMonths(categories) ||
  (categories.every((category) => textWidth(category, sizes.small) < width / (categories.length + 1)) &&
    categories.length * 24 < width);

/** The parts of a category as they lie on the axis: stacked on one another, or each from zero. */
function partsOf(
  values: readonly ChartValue[],
  stacked: boolean,
): { from: number; to: number; index: number }[] {
  let [above, below] = [0, 0];
  return values.flatMap((value, index) => {
    if (value === null) return [];
    if (!stacked) return [{ from: 0, to: value, index }];
    const from = value < 0 ? below : above;
    if (value < 0) below += value;
    else above += value;
    return [{ from, to: from + value, index }];
  });
}

const extremes = (chart: SeriesChart): number[] =>
  chart.categories.flatMap((_, at) => {
    const values = chart.series.map(({ values: all }) => all[at] ?? null);
    return partsOf(values, chart.kind === 'stacked-bar').flatMap(({ from, to }) => [from, to]);
  });

/** Room for the names under a plot. */
export const axisHeight = 42;

/** What a category has to say, in words. */
export function labelOf({ series, unit }: SeriesChart, category: string, at: number): string {
  const said = series.flatMap(({ name, values, nothing = 'no figure' }) => {
    const value = values[at] ?? null;
    const words = value === null ? nothing : withUnit(value, unit);
    return [series.length > 1 ? `${name} ${words}` : words];
  });
  return `${category}: ${said.join(', ')}`;
}

/** What is said of a category without any value. */
const nothingOf = ({ series: [first] }: SeriesChart): string => first?.nothing ?? 'no figure';

interface Plot {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The value axis on the left, and its unit above. */
export function valueAxis(pen: Pen, { left, top, width, height }: Plot, { ticks, at }: Scale): Content {
  return ticks.map((tick) => {
    const y = top + height * (1 - at(tick));
    return [
      line(pen, left, y, left + width, y),
      text(pen, left - 8, y + 4, shortText(tick), { anchor: 'end' }),
    ];
  });
}

const monthNames = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
] as const;

/** The categories under a plot, as many as there is room for; months in words, with their year where it begins. */
export function categoryAxis(
  pen: Pen,
  { left, top, width, height }: Plot,
  categories: readonly string[],
): Content {
  const areMonths = categories.every((category) => /^\d{4}-(0[1-9]|1[0-2])$/.test(category));
  const names = areMonths ? categories.map((month) => monthNames[Number(month.slice(5)) - 1]!) : categories;
  const step = width / categories.length;
  const widest = Math.max(...names.map((name) => textWidth(name, sizes.small)));
  const every = Math.max(1, Math.ceil((Math.max(widest, areMonths ? 34 : 0) + 8) / step));
  const yearAt = (index: number): string | undefined => categories[index]?.slice(0, 4);
  return names.map((name, index) => {
    if (index % every !== 0) return null;
    const [x, y] = [left + step * (index + 0.5), top + height + 18];
    const isNewYear = areMonths && yearAt(index) !== yearAt(index - every);
    return [
      text(pen, x, y, name, { anchor: 'middle' }),
      isNewYear && text(pen, x, y + 16, yearAt(index)!, { anchor: 'middle', colour: 'ink' }),
    ];
  });
}

/** Where the values' axis and the legend leave room for the plot. */
export function layOut(
  pen: Pen,
  chart: SeriesChart,
  scale: Scale,
  legendHeight: number,
  height: number,
): Plot {
  const left = 10 + Math.max(...scale.ticks.map((tick) => textWidth(shortText(tick), sizes.small)));
  const top = legendHeight + (chart.unit === '' ? 10 : 28);
  return { left, top, width: pen.width - left - 2, height: Math.max(80, height - top - axisHeight) };
}

/** Bars that stand. */
export function uprightBars(pen: Pen, chart: SeriesChart, height: number): Drawn {
  const { categories, series, unit, links } = chart;
  const stacked = chart.kind === 'stacked-bar';
  const names = legend(
    pen,
    series.map(({ name }) => name),
    0,
    swatch(pen),
  );
  const scale = scaleOf([...extremes(chart), ...goalsOf(chart)], 5);
  const plot = layOut(pen, chart, scale, names.height, height);
  const step = plot.width / categories.length;
  const band = Math.min(step * 0.72, stacked ? 64 : 64 * series.length);
  const yOf = (value: number): number => plot.top + plot.height * (1 - scale.at(value));

  const bars = categories.map((category, at) => {
    const parts = partsOf(
      series.map(({ values }) => values[at] ?? null),
      stacked,
    );
    const left = plot.left + step * (at + 0.5) - band / 2;
    const wide = stacked ? band : band / series.length;
    const drawn = parts.map(({ from, to, index }) => {
      const [y, tall] = [Math.min(yOf(from), yOf(to)), Math.abs(yOf(from) - yOf(to))];
      const x = stacked ? left : left + wide * index;
      const words = shortText(to - from);
      const fits = stacked && tall > 18 && textWidth(words, sizes.small) + 6 < wide;
      // A gap of a pixel tells the parts apart.
      const box = [
        x,
        y,
        Math.max(0.5, wide - (stacked ? 0 : 1)),
        Math.max(0, tall - (stacked ? 1 : 0)),
      ] as const;
      const isAbove = !stacked && series.length > 1 && to > 0 && textWidth(words, sizes.small) < wide;
      return [
        tall > 0 && block(pen, index, box),
        isAbove && text(pen, x + wide / 2, y - 5, words, { anchor: 'middle', colour: 'ink' }),
        fits && onBlock(pen, index, x + wide / 2, y + tall / 2 + 4, words),
      ];
    });
    const top = Math.max(0, ...parts.map(({ to }) => to));
    const nothing = parts.length === 0 ? nothingOf(chart) : '';
    const saysSo = nothing !== '' && textWidth(nothing, sizes.small) < step - 2;
    const sum = stacked ? shortText(top) : parts.length === 1 ? shortText(parts[0]!.to) : '';
    const hasRoom = sum !== '' && top > 0 && textWidth(sum, sizes.small) < step - 2;
    const shown = html`${drawn}
    ${saysSo && text(pen, left + band / 2, yOf(0) - 5, nothing, { anchor: 'middle' })}
    ${hasRoom && text(pen, left + band / 2, yOf(top) - 5, sum, { anchor: 'middle', colour: 'ink' })}`;
    return linked(links?.[at], labelOf(chart, category, at), shown);
  });
  return {
    height: plot.top + plot.height + axisHeight,
    content: [
      names.content,
      unit !== '' && text(pen, 0, names.height + 12, unit),
      valueAxis(pen, plot, scale),
      bars,
      targetLines(pen, chart, { left: plot.left, step, yOf }),
      categoryAxis(pen, plot, categories),
    ],
  };
}

/** Bars that lie, each with its name and its value. */
export function lyingBars(pen: Pen, chart: SeriesChart): Drawn {
  const { categories, series, unit, links } = chart;
  const stacked = chart.kind === 'stacked-bar';
  const shown = categories.slice(0, mostRows);
  const names = legend(
    pen,
    series.map(({ name }) => name),
    0,
    swatch(pen),
  );
  const scale = scaleOf(extremes(chart), 5);
  // Values that stand in a column have as many decimals each.
  const textOf = extremes(chart).every(Number.isInteger) ? valueText : evenText;
  // Beside the bars where there is room, above them on a small screen.
  const above = pen.width < 520;
  const widest = Math.max(0, ...shown.map((category) => textWidth(category, sizes.text)));
  const nameWidth = above ? 0 : Math.min(widest, pen.width * 0.38) + 12;
  const valueWidth =
    12 + Math.max(0, ...extremes(chart).map((value) => textWidth(textOf(value), sizes.small)));
  const plotWidth = pen.width - nameWidth - valueWidth;
  const thick = stacked || series.length === 1 ? 20 : 14;
  const rowHeight = (above ? 20 : 0) + thick * (stacked ? 1 : series.length) + 12;
  const top = names.height + (unit === '' ? 4 : 24);
  const xOf = (value: number): number => nameWidth + plotWidth * scale.at(value);

  const rows = shown.map((category, at) => {
    const y = top + rowHeight * at;
    const barTop = y + (above ? 20 : 0) + 4;
    const parts = partsOf(
      series.map(({ values }) => values[at] ?? null),
      stacked,
    );
    const drawn = parts.map(({ from, to, index }) => {
      const [x, long] = [Math.min(xOf(from), xOf(to)), Math.abs(xOf(to) - xOf(from))];
      const barY = stacked ? barTop : barTop + thick * index;
      const words = shortText(to - from);
      const isEnd = !stacked || index === parts.at(-1)!.index;
      const fits = stacked && series.length > 1 && long > textWidth(words, sizes.small) + 8;
      return [
        long > 0 &&
          block(pen, index, [x, barY, stacked ? Math.max(0.5, long - 1) : long, thick - (stacked ? 0 : 1)]),
        fits && onBlock(pen, index, x + long / 2, barY + thick / 2 + 4, words),
        isEnd && text(pen, xOf(Math.max(0, to)) + 6, barY + thick / 2 + 4, textOf(to), { colour: 'ink' }),
      ];
    });
    const [name, baseline] = above
      ? [fitText(category, sizes.text, pen.width), y + 16]
      : [fitText(category, sizes.text, nameWidth - 12), barTop + (rowHeight - 12) / 2 + 4];
    const label = text(pen, above ? 0 : nameWidth - 12, baseline, name, {
      size: sizes.text,
      anchor: above ? 'start' : 'end',
      colour: 'ink',
    });
    const nothing =
      parts.length === 0 &&
      text(pen, xOf(0) + 6, barTop + thick / 2 + 4, nothingOf(chart), { size: sizes.small });
    return linked(links?.[at], labelOf(chart, category, at), [label, drawn, nothing]);
  });
  const bottom = top + rowHeight * shown.length;
  const left = categories.length - shown.length;
  return {
    height: bottom + (left > 0 ? 24 : 6),
    content: [
      names.content,
      unit !== '' && text(pen, nameWidth, names.height + 12, unit),
      !above && line(pen, xOf(0), top, xOf(0), bottom),
      rows,
      left > 0 && text(pen, nameWidth, bottom + 16, `and ${valueText(left)} more, in the table`),
    ],
  };
}
