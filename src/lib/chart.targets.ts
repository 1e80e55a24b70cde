import { px, shortText, text, type Pen } from './chart.parts.js';
import type { SeriesChart } from './chart.types.js';
import { html, type Content } from './html.js';

/** Where the categories of a plot lie, and how high its values. */
interface Place {
  readonly left: number;
  readonly step: number;
  yOf(value: number): number;
}

/** The values that the scale must have room for. */
export const goalsOf = ({ targets = [] }: SeriesChart): number[] =>
  targets.flatMap(({ values }) => values.filter((value) => value !== null));

/** A broken line over the categories that a target is of, with its name at the end. */
export const targetLines = (pen: Pen, { targets = [] }: SeriesChart, { left, step, yOf }: Place): Content =>
  targets.map(({ name, values }) => {
    const path = values.map((value, at) =>
      value === null ? '' : `M${px(left + step * at)} ${px(yOf(value))}h${px(step)}`,
    );
    const last = values.findLastIndex((value) => value !== null);
    const goal = values[last]!;
    const words = `Target: ${name} ${shortText(goal)}`;
    return html`<g>
      <title>${words}</title>
      <path
        class="target"
        d="${path.join('')}"
        fill="none"
        stroke="${pen.palette.ink}"
        stroke-width="2"
        stroke-dasharray="6 3"
      />
      ${text(pen, left + step * (last + 1), yOf(goal) - 5, words, {
        anchor: 'end',
        colour: 'ink',
      })}
    </g>`;
  });
