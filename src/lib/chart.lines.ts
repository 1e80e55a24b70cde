import { axisHeight, categoryAxis, labelOf, layOut, valueAxis } from './chart.bars.js';
import { legend, linked, px, seriesAt, text, type Drawn, type Pen } from './chart.parts.js';
import { scaleOf } from './chart.scale.js';
import { goalsOf, targetLines } from './chart.targets.js';
import type { SeriesChart } from './chart.types.js';
import { html, type Html } from './html.js';

/** Beside their colours, lines differ in their strokes and the shapes of their points. */
const strokes = ['', '7 4', '2 4', '10 4 2 4', '5 2', '1 3'] as const;
const shapes = [
  'm-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0',
  'm-4 -4h8v8h-8z',
  'm0 -5l5 5l-5 5l-5 -5z',
  'm0 -5l5 9h-10z',
  'm0 5l5 -9h-10z',
  'm-4 -1.5h8v3h-8z',
] as const;

function mark(pen: Pen, index: number, x: number, y: number): Html {
  const { name, colour } = seriesAt(pen, index);
  return html`<path
    class="${name}"
    d="M${px(x)} ${px(y)}${shapes[index % shapes.length]}"
    fill="${colour}"
  />`;
}

function stroke(pen: Pen, index: number, path: string): Html {
  const { name, colour } = seriesAt(pen, index);
  const dashes = strokes[index % strokes.length]!;
  return html`<path
    class="${name} stroke"
    d="${path}"
    fill="none"
    stroke="${colour}"
    stroke-width="2"
    stroke-linejoin="round"
    ${dashes !== '' && html`stroke-dasharray="${dashes}"`}
  />`;
}

/** More points than this are a line only. */
const mostMarks = 48;

/** A line for each series, broken where there is no figure. */
export function lines(pen: Pen, chart: SeriesChart, height: number): Drawn {
  const { categories, series, unit, links } = chart;
  const names = legend(
    pen,
    series.map(({ name }) => name),
    0,
    (index, x, y) =>
      html`${stroke(pen, index, `M${px(x)} ${px(y + 6)}h15`)}${mark(pen, index, x + 7, y + 6)}`,
  );
  const scale = scaleOf(
    [...series.flatMap(({ values }) => values.filter((value) => value !== null)), ...goalsOf(chart)],
    5,
  );
  const plot = layOut(pen, chart, scale, names.height, height);
  const xOf = (at: number): number => plot.left + (plot.width / categories.length) * (at + 0.5);
  const yOf = (value: number): number => plot.top + plot.height * (1 - scale.at(value));

  const drawn = series.map(({ values }, index) => {
    let isBroken = true;
    const path = values.map((value, at) => {
      if (value === null) {
        isBroken = true;
        return '';
      }
      const command = `${isBroken ? 'M' : 'L'}${px(xOf(at))} ${px(yOf(value))}`;
      isBroken = false;
      return command;
    });
    return stroke(pen, index, path.join(''));
  });
  const points = categories.map((category, at) => {
    const marks = series.map(({ values }, index) => {
      const value = values[at] ?? null;
      const isAlone = (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;
      const isShown = value !== null && (categories.length <= mostMarks || isAlone);
      return isShown && mark(pen, index, xOf(at), yOf(value));
    });
    return linked(links?.[at], labelOf(chart, category, at), marks);
  });
  return {
    height: plot.top + plot.height + axisHeight,
    content: [
      names.content,
      unit !== '' && text(pen, 0, names.height + 12, unit),
      valueAxis(pen, plot, scale),
      drawn,
      points,
      targetLines(pen, chart, { left: plot.left, step: plot.width / categories.length, yOf }),
      categoryAxis(pen, plot, categories),
    ],
  };
}
