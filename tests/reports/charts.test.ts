import { expect } from 'chai';
import fc from 'fast-check';
import { chartMarkup, chartSvg } from '../../src/lib/chart.js';
import { chartPng } from '../../src/lib/chart.png.js';
import { scaleOf } from '../../src/lib/chart.scale.js';
import type { Chart, SeriesChart } from '../../src/lib/chart.types.js';
import { toText } from '../../src/lib/html.js';
import { fromCents } from '../../src/lib/money.js';
import { drugChart } from '../../src/domains/reports/definitions/drug-spend/drug-spend.view.js';

const bars = (fields: Partial<SeriesChart> = {}): SeriesChart => ({
  kind: 'bar',
  title: 'Visits',
  description: 'Visits by month',
  unit: 'visits',
  categories: ['2025-01', '2025-02'],
  series: [{ name: 'Visits', values: [3, 12] }],
  ...fields,
});

const text = (chart: Chart): string => toText(chartMarkup(chart));

const values = fc.oneof(
  fc.constant(null),
  fc.integer({ min: -1000, max: 100_000 }),
  fc.double({ min: 0, max: 1, noNaN: true }),
);
const names = fc.string({ unit: 'binary', maxLength: 30 });
const anyChart: fc.Arbitrary<Chart> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('bar' as const, 'stacked-bar' as const, 'line' as const),
    title: names,
    description: names,
    unit: names,
    categories: fc.array(names, { minLength: 1, maxLength: 8 }),
    series: fc.array(fc.record({ name: names, values: fc.array(values, { maxLength: 8 }) }), {
      minLength: 1,
      maxLength: 7,
    }),
  }),
  fc.record({
    kind: fc.constant('heat-map' as const),
    title: names,
    description: names,
    unit: names,
    x: fc.array(names, { minLength: 1, maxLength: 12 }),
    y: fc.array(names, { minLength: 1, maxLength: 4 }),
    values: fc.array(fc.array(values, { maxLength: 12 }), { maxLength: 4 }),
  }),
);

describe('a chart', () => {
  it('REP-6: of any figures and any names is well-formed, has no style and no script, and is the same each time', async () => {
    await fc.assert(
      fc.asyncProperty(anyChart, fc.constantFrom(340, 880), async (chart, width) => {
        const svg = chartSvg(chart, { width });
        expect(chartSvg(chart, { width })).equal(svg);
        expect(svg).not.match(/<style|<script|\sstyle=|\son\w+=|NaN|Infinity|undefined/);
        // It is drawn only when it is XML.
        expect((await chartPng(svg)).subarray(1, 4).toString()).equal('PNG');
      }),
      { numRuns: 25 },
    );
  });

  it('REP-6: gives the same PNG each time', async () => {
    const svg = chartSvg(bars());
    expect((await chartPng(svg)).equals(await chartPng(svg))).equal(true);
  });

  it('WEB-1: tells each figure in words, and shows names as text', () => {
    const svg = text(
      bars({ categories: ['<b>&"x', '=1+1'], series: [{ name: 'Visits', values: [3, null] }] }),
    );
    expect(svg).include('<title>&lt;b&gt;&amp;&quot;x: 3 visits</title>').and.include('=1+1: no figure');
    expect(svg).not.include('<b>');
    const rate = { name: 'Rate', values: [3, null], nothing: 'no visits' };
    for (const categories of [
      ['Monday', 'Sunday'],
      ['2025-01', '2025-02'],
    ]) {
      const drawn = text(bars({ categories, series: [rate], unit: '%' }));
      expect(drawn)
        .include(`<title>${categories[1]}: no visits</title>`)
        .and.match(/>no visits<\/text/);
    }
  });

  it('WEB-1: is one image with a title and a description, or a group where its bars lead somewhere', () => {
    expect(text(bars())).match(/role="img"\s+aria-labelledby="chart-title chart-description"/);
    const linked = text(bars({ links: ['/reports/x/records?row.month=2025-01&a=b', null] }));
    expect(linked).include('role="group"').and.include('href="/reports/x/records?row.month=2025-01&amp;a=b"');
    expect(linked.match(/<a /g)).length(1);
  });

  it('WEB-1: leads to pages of ours and nowhere else', () => {
    for (const link of [
      'javascript:alert(1)',
      '//elsewhere.example',
      'https://elsewhere.example',
      '/a b',
      'reports',
    ])
      expect(text(bars({ links: [link, null] })), link).not.include('<a ');
  });

  it('WEB-1: tells several series apart by more than colour', () => {
    const two = { series: [1, 2].map((n) => ({ name: `S${n}`, values: [n, n] })) };
    expect(text(bars({ ...two, kind: 'stacked-bar' })))
      .include('<pattern')
      .and.include('url(#chart-p1)');
    expect(text(bars({ ...two, kind: 'line' }))).include('stroke-dasharray');
  });

  it('REP-13: amounts are in their currency', () => {
    const drug = {
      ...{ drug: 'Aspirin', drug_code: null, prescriptions: 1, patients: 1 },
      ...{ total_cost: fromCents(100n), average_cost: null },
    };
    expect(text(drugChart([drug], { currency: 'JPY' })!))
      .match(/>JPY<\/text/)
      .and.include('Aspirin: 1 JPY');
  });

  it('REP-13: the numbers of a heat map stand in every square, or in none', () => {
    const values = (most: number) => [Array.from({ length: 24 }, (_, n) => (n === 0 ? most : 1))];
    const map = (most: number): Chart => ({
      ...{ kind: 'heat-map', title: 'T', description: 'D', unit: '', y: ['Monday'], values: values(most) },
      x: Array.from({ length: 24 }, (_, n) => `${n}`),
    });
    const inSquares = (chart: Chart) => (text(chart).match(/rx="2"[^>]*>\s*<text/g) ?? []).length;
    // Six are of the key.
    expect([inSquares(map(9)), inSquares(map(9_999.99))]).deep.equal([24 + 6, 6]);
  });

  it('REP-6: refuses to draw nothing', () => {
    expect(() => chartSvg(bars({ categories: [] }))).throw(RangeError);
    const empty = {
      kind: 'heat-map',
      title: '',
      description: '',
      unit: '',
      x: [],
      y: [],
      values: [],
    } as const;
    expect(() => chartSvg(empty)).throw(RangeError);
  });

  it('REP-6: says how many bars are left to the table', () => {
    const categories = Array.from({ length: 60 }, (_, n) => `A disease with a long name, number ${n}`);
    const svg = text(bars({ categories, series: [{ name: 'Days', values: categories.map((_, n) => n) }] }));
    expect(svg).include('and 20 more, in the table');
  });
});

describe('scaleOf', () => {
  it('REP-6: has zero and every value between its first and last mark, at most a dozen of them', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { maxLength: 20 }), (all) => {
        const { ticks, at } = scaleOf(all, 5);
        expect(ticks.length).within(2, 12);
        for (const value of [0, ...all]) expect(at(value)).within(-1e-6, 1 + 1e-6);
      }),
    );
  });

  it('REP-6: has whole marks for whole figures', () => {
    expect(scaleOf([1, 2], 5).ticks).deep.equal([0, 1, 2]);
    expect(scaleOf([0.1, 0.3], 5).ticks).deep.equal([0, 0.1, 0.2, 0.3]);
  });
});
