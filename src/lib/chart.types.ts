/** A number on a chart, or nothing where there is no figure. */
export type ChartValue = number | null;

interface Titled {
  readonly title: string;
  /** What the picture shows, in a sentence, for anyone who cannot see it. */
  readonly description: string;
}

/** One bar or point for each category and series. */
export interface SeriesChart extends Titled {
  readonly kind: 'bar' | 'stacked-bar' | 'line';
  readonly categories: readonly string[];
  /** Where each category leads, in the order of the categories. */
  readonly links?: readonly (string | null)[];
  readonly series: readonly {
    readonly name: string;
    readonly values: readonly ChartValue[];
    /** What is said where there is no value: `no visits`. */
    readonly nothing?: string;
  }[];
  /** What its values can be compared with, by the names of the report's columns. */
  readonly figures?: readonly string[];
  /** Lines across the categories: what a value is to be. */
  readonly targets?: readonly { readonly name: string; readonly values: readonly ChartValue[] }[];
  /** Of the values' axis, such as `USD` or `patients`. */
  readonly unit: string;
}

/** A colour for each pair of `x` and `y`; `values[y][x]`. */
export interface HeatMap extends Titled {
  readonly kind: 'heat-map';
  readonly x: readonly string[];
  readonly y: readonly string[];
  readonly values: readonly (readonly ChartValue[])[];
  /** Where each value leads, in the same places. */
  readonly links?: readonly (readonly (string | null)[])[];
  /** Which row of the report each value is of, by its index; null for one that the report does not show. */
  readonly rows?: readonly (readonly (number | null)[])[];
  readonly unit: string;
}

export type Chart = SeriesChart | HeatMap;
