import { invalidField } from '../../../lib/errors.js';
import { isStorable } from '../../../lib/text.js';
import { isInYears } from '../../../lib/time.js';
import type { AnyReport } from '../engine/reports.definition.js';
import type { Column, Value } from '../engine/reports.types.js';

type DrilldownKey = Readonly<Record<string, Value>>;

/** More than any count that tells a row from others. */
const most = 10_000;
const longest = 500;

const kinds = {
  text: 'text',
  month: 'a month YYYY-MM',
  count: `a whole number to ${most}`,
} as const;

function fits(value: unknown, kind: keyof typeof kinds): value is Value {
  if (kind === 'count') return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most;
  if (typeof value !== 'string' || value.length > longest || !isStorable(value)) return false;
  return kind === 'text' || (/^\d{4}-(0[1-9]|1[0-2])$/.test(value) && isInYears(Number(value.slice(0, 4))));
}

const refusal = (message: string): Error => invalidField('/query/drill', message);

function valueOf(value: unknown, { name, type, nullable }: Column): Value {
  if (value === null || value === undefined) {
    if (nullable) return null;
    throw refusal(`needs ${name}`);
  }
  const kind = type === 'text' || type === 'month' ? type : 'count';
  if (!fits(value, kind)) throw refusal(`needs ${kinds[kind]} as ${name}`);
  return value;
}

/**
 * `drill` says which row: a JSON object of the columns of its key, `{"doctor_id":"DOC1"}`; one that is null in the row may be left
 * out. Throws `invalid_request` that names it.
 */
export function readDrilldownKey({ key, columns, drilldown: drill }: AnyReport, text: string): DrilldownKey {
  if (!drill) throw refusal('is not known to this report: its figures lead to no records');
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    given = undefined;
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw refusal(`must be a JSON object with ${key.join(', ')}`);
  const stray = Object.keys(given).find((name) => !key.includes(name));
  if (stray !== undefined)
    throw refusal(`has a part that is not in the key of a row, which is ${key.join(', ')}`);
  const parts = key.map((name) => {
    const column = columns.find((one) => one.name === name)!;
    return [name, valueOf((given as Record<string, unknown>)[name], column)] as const;
  });
  return Object.fromEntries(parts);
}
