/** The marks of an axis: from the first to the last, evenly, at values that are easy to read. */
export interface Scale {
  readonly ticks: readonly number[];
  /** Where a value is between the first mark (0) and the last (1). */
  at(value: number): number;
}

const steps = [1, 2, 2.5, 5, 10] as const;

function stepOf(span: number, count: number, whole: boolean): number {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = steps.map((one) => one * power).find((one) => one >= rough * 0.999_999)!;
  return whole ? Math.max(1, Math.ceil(step)) : step;
}

/** With zero in it, and room for all the values; `count` is about how many marks there are to be. */
export function scaleOf(values: readonly number[], count: number): Scale {
  let [low, high] = [0, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // Nothing to speak of: the marks would not be numbers any more.
  if (high - low < 1e-12) [low, high] = [0, 1];
  const step = stepOf(high - low, count, values.every(Number.isInteger));
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  // Multiplied, not added up: 0.1 + 0.2 is no mark.
  const ticks = Array.from({ length: last - first + 1 }, (_, n) =>
    Number(((first + n) * step).toPrecision(12)),
  );
  const span = (last - first) * step;
  return { ticks, at: (value) => (value - first * step) / span };
}
