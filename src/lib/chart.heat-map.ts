import {
  fitText,
  inkSteps,
  linked,
  px,
  shortText,
  sizes,
  text,
  textWidth,
  withUnit,
  type Drawn,
  type Pen,
} from './chart.parts.js';
import type { ChartValue, HeatMap } from './chart.types.js';
import { html, type Content, type Html } from './html.js';

/** The step of a value between nothing (0) and the most (the last). */
function stepOf(value: number, most: number, steps: number): number {
  if (value <= 0 || most <= 0) return 0;
  return Math.min(steps - 1, 1 + Math.floor((value / most) * (steps - 1) - 1e-9));
}

/** Wide maps stand on their side on a small screen. */
function turned(map: HeatMap): HeatMap {
  const swapped = <T>(cells: readonly (readonly (T | null)[])[]): (T | null)[][] =>
    map.x.map((_, x) => map.y.map((_y, y) => cells[y]?.[x] ?? null));
  return {
    ...{ ...map, x: map.y, y: map.x, values: swapped(map.values) },
    ...(map.links && { links: swapped(map.links) }),
  };
}

function square({ palette }: Pen, step: number, box: readonly [number, number, number, number]): Html {
  const [x, y, width, height] = box.map(px);
  return html`<rect
    class="h${step}"
    x="${x}"
    y="${y}"
    width="${width}"
    height="${height}"
    rx="2"
    fill="${palette.heat[step]}"
  />`;
}

/** From which value to which each colour is. */
function key(pen: Pen, map: HeatMap, most: number, top: number): Drawn {
  const { heat } = pen.palette;
  const whole = map.values.every((row) => row.every((value) => value === null || Number.isInteger(value)));
  const bound = (step: number): number => (most * step) / (heat.length - 1);
  const entries = heat.flatMap((_, step) => {
    if (step === 0) return [{ step, words: '0' }];
    const from = whole ? Math.floor(bound(step - 1)) + 1 : bound(step - 1);
    const to = whole ? Math.floor(bound(step)) : bound(step);
    if (from > to) return [];
    return [{ step, words: from === to ? shortText(to) : `${shortText(from)} to ${shortText(to)}` }];
  });
  let [x, y] = [0, top];
  const content = entries.map(({ step, words }) => {
    const width = 20 + textWidth(words, sizes.small) + 14;
    if (x > 0 && x + width > pen.width) [x, y] = [0, y + 22];
    const entry = [square(pen, step, [x, y, 14, 14]), text(pen, x + 20, y + 12, words)];
    x += width;
    return entry;
  });
  return { height: y - top + 20, content };
}

/** `Mon` where there is no room for Monday, as long as no two become the same. */
function shortened(names: readonly string[], width: number): readonly string[] {
  if (names.every((name) => textWidth(name, sizes.small) + 6 <= width)) return names;
  const starts = names.map((name) => (/^\p{L}+$/u.test(name) ? name.slice(0, 3) : name));
  return new Set(starts).size === names.length ? starts : names;
}

/** A square for each pair, its value in it where there is room. */
export function heatMap(pen: Pen, given: HeatMap): Drawn {
  const map =
    pen.width < 520 && given.x.length > given.y.length && given.x.length > 8 ? turned(given) : given;
  const values = map.values.flatMap((row) => row.filter((value) => value !== null));
  const most = values.reduce((top, value) => Math.max(top, value), 0);
  const widest = Math.max(...map.y.map((name) => textWidth(name, sizes.small)));
  const left = Math.min(widest, pen.width * 0.35) + 10;
  const [width, height] = [(pen.width - left) / map.x.length, 30];
  const legend = key(pen, map, most, map.unit === '' ? 0 : 22);
  const top = legend.height + (map.unit === '' ? 0 : 22) + 28;
  const names = shortened(map.x, width);
  const headings = Math.max(...names.map((name) => textWidth(name, sizes.small)));
  const every = Math.max(1, Math.ceil((headings + 6) / width));

  // In every square or in none: a few by chance would look as if they were meant.
  const fits = values.every((value) => textWidth(shortText(value), sizes.small) < width - 2);

  const cell = (value: ChartValue, x: number, y: number): Content => {
    const box = [left + width * x, top + height * y, width - 2, height - 2] as const;
    const where = `${map.y[y]}, ${map.x[x]}`;
    if (value === null) {
      const dash = text(pen, box[0] + box[2] / 2, box[1] + 19, '–', { anchor: 'middle' });
      return linked(null, `${where}: no figure`, dash);
    }
    const step = stepOf(value, most, pen.palette.heat.length);
    const words = shortText(value);
    const colour = step < inkSteps ? 'ink' : 'on';
    const drawn = [
      square(pen, step, box),
      fits && text(pen, box[0] + box[2] / 2, box[1] + 19, words, { anchor: 'middle', colour }),
    ];
    const label = `${where}: ${withUnit(value, map.unit)}`;
    // Hundreds of stops on the way to the table, where the same rows lead to the same.
    return linked(map.links?.[y]?.[x], label, drawn, { isTabStop: false });
  };
  return {
    height: top + height * map.y.length + 2,
    content: [
      map.unit !== '' && text(pen, 0, 12, map.unit),
      legend.content,
      names.map(
        (name, x) =>
          x % every === 0 && text(pen, left + width * (x + 0.5) - 1, top - 8, name, { anchor: 'middle' }),
      ),
      map.y.map((name, y) => [
        text(pen, left - 10, top + height * y + 18, fitText(name, sizes.small, left - 10), { anchor: 'end' }),
        map.x.map((_, x) => cell(map.values[y]?.[x] ?? null, x, y)),
      ]),
    ],
  };
}
