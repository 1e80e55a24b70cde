declare const moneyTag: unique symbol;

/**
 * An exact amount with two decimals, as text: `'1234.50'`. It is what Postgres (`numeric(12,2)`) and MongoDB
 * (`Decimal128`) give and take without loss. Sums are done in cents (bigint); a float never holds money.
 */
export type Money = string & { readonly [moneyTag]: true };

const pattern = /^(-?)(\d+)(?:\.(\d{1,2})0*)?$/;

/** Reads `12`, `12.5`, `12.50`, `-3.99`. Throws a RangeError for anything finer than a cent, or not a decimal number. */
export function money(text: string | number): Money {
  return fromCents(toCents(String(text)));
}

/** As Decimal128 writes what ends in zeros that nobody wrote: `1.2E+4`. */
const scientific = /^(-?\d)(?:\.(\d+))?E\+(\d{1,2})$/;

/** `'12.50'` → `1250n`. Throws a RangeError when the text is not an amount in cents. */
export function toCents(text: string): bigint {
  const [, lead = '', rest = '', zeros] = scientific.exec(text) ?? [];
  if (zeros !== undefined && rest.length <= Number(zeros))
    return BigInt(lead + rest) * 10n ** BigInt(Number(zeros) - rest.length + 2);
  const match = pattern.exec(text);
  if (!match) throw new RangeError(`not an amount of money with two decimals at the most: ${text}`);
  const [, sign, whole = '0', part = ''] = match;
  const cents = BigInt(whole) * 100n + BigInt(part.padEnd(2, '0'));
  return sign ? -cents : cents;
}

export function fromCents(cents: bigint): Money {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}` as Money;
}

export function sumMoney(amounts: Iterable<string>): Money {
  let total = 0n;
  for (const amount of amounts) total += toCents(amount);
  return fromCents(total);
}

/**
 * `numerator / denominator` rounded half up (away from zero at a tie) to `decimals` places, exactly: `ratio(1n, 8n, 2)`
 * is `'0.13'`. Throws a RangeError for a zero denominator.
 */
export function ratio(numerator: bigint, denominator: bigint, decimals: number): string {
  if (denominator === 0n) throw new RangeError('ratio: division by zero');
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  const scaled = (2n * n * 10n ** BigInt(decimals) + d) / (2n * d);
  const digits = scaled.toString().padStart(decimals + 1, '0');
  const sign = negative && scaled !== 0n ? '-' : '';
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** The average of `count` amounts that sum to `total`, to the cent, half up; null when there are none. */
export function averageMoney(total: string, count: number): Money | null {
  return count === 0 ? null : (ratio(toCents(total), BigInt(count) * 100n, 2) as Money);
}
