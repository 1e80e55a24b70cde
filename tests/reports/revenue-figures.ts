import { expect } from 'chai';

export interface Figures {
  readonly rows: readonly Readonly<Record<string, string | number | null>>[];
  readonly receipt: {
    readonly accounts: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly balanced: boolean;
  };
}

const cents = (value: unknown): number => Math.round(Number(value) * 100);

/** In each row the money adds up as the double entry does. */
export function expectBalanced({ rows, receipt }: Figures): void {
  expect(receipt.balanced, JSON.stringify(receipt)).to.equal(true);
  for (const row of rows)
    expect(cents(row['net']) + cents(row['tax']), JSON.stringify(row)).to.equal(
      cents(row['collected']) - cents(row['voided']) - cents(row['refunded']) + cents(row['outstanding']),
    );
}
