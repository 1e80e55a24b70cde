import { Decimal128 } from 'mongodb';
import type { Aggregation } from '../aggregations/stages/types.js';

const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

/** A value as mongosh reads it back: dates and decimals by their constructors. */
function literal(value: unknown, indent: string): string {
  if (value instanceof Date) return `ISODate(${JSON.stringify(value.toISOString())})`;
  if (value instanceof Decimal128) return `NumberDecimal(${JSON.stringify(value.toString())})`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const parts = Array.isArray(value)
    ? value.map((item) => literal(item, inner))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([name, item]) => `${key(name)}: ${literal(item, inner)}`);
  const line = `${open} ${parts.join(', ')} ${close}`;
  if (parts.length === 0) return open + close;
  if (line.length + indent.length <= 100 && !line.includes('\n')) return line;
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
}

/** What a DBA pastes into mongosh: `db.appointments.aggregate([…])`. */
export function mongoshText({ collection, pipeline }: Aggregation): string {
  const stages = pipeline.map((stage) => `  ${literal(stage, '  ')}`);
  return `db.${collection}.aggregate([\n${stages.join(',\n')}\n])`;
}
