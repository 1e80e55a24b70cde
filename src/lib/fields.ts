import Joi from 'joi';
import { DateTime } from 'luxon';
import { eitherText, valuesIn } from './either-of.js';
import { exampleOf } from './examples.js';
import { money as toMoney, type Money } from './money.js';
import { faultInLine, faultInLines, faultInName, withLineFeeds } from './text.js';
import { faultInPhone } from './phone.js';
import { isInYears, iso, years } from './time.js';
import { zoneNamed } from './zones.js';

/*
 * The vocabulary of all request and response shapes. One joi shape validates, gives the TypeScript type, is written
 * into the OpenAPI document and serialises the answer. `meta({ wire })` tells the serialiser (http/serialise.ts) how
 * a value that is not JSON leaves: an instant as ISO 8601, a calendar date as YYYY-MM-DD, money as a number.
 * `meta({ openapi })` adds what joi's own JSON Schema can't know.
 */
declare const optionalTag: unique symbol;
type Optional<S> = S & { readonly [optionalTag]: true };
type Value<S> = S extends Joi.AnySchema<infer T> ? T : never;
type Fields = Record<string, Joi.Schema>;
type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends { readonly [optionalTag]: true } ? K : never;
}[keyof F];
type Flat<T> = { [K in keyof T]: T[K] } & {};
export type Shape<F extends Fields> = Flat<
  { [K in Exclude<keyof F, OptionalKeys<F>>]: Value<F[K]> } & {
    [K in OptionalKeys<F>]?: Value<F[K]> | undefined;
  }
>;
export type Infer<S> = Value<S>;

function isOptional(field: Joi.Schema): boolean {
  const flags = field._flags as { presence?: string; default?: unknown };
  return flags.presence === 'optional' || flags.default !== undefined;
}

/** Text that has no example of its own gets the one of its name; a list of values is one already. */
function withExample(name: string, field: Joi.Schema): Joi.Schema {
  const example = field.type === 'string' ? exampleOf(name) : undefined;
  const { only } = field._flags as { only?: boolean };
  return example === undefined || only || field.$_terms['examples'] ? field : field.example(example);
}

/** A closed object whose fields are required unless wrapped in `optional()`. */
export function shape<const F extends Fields>(fields: F): Joi.ObjectSchema<Shape<F>> {
  const keys = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      withExample(name, isOptional(field) ? field : field.required()),
    ]),
  );
  return Joi.object<Shape<F>>(keys as Joi.SchemaMap<Shape<F>>);
}

export const optional = <S extends Joi.Schema>(field: S): Optional<S> => field.optional() as Optional<S>;

export const nullable = <S extends Joi.Schema>(field: S): Joi.AnySchema<Value<S> | null> =>
  field.allow(null) as Joi.AnySchema<Value<S> | null>;

export const oneOf = <const V extends string>(...values: V[]): Joi.StringSchema<V> =>
  Joi.string<V>().valid(...values);

/** A list of at most `max` items. */
export const listOf = <S extends Joi.Schema>(item: S, max = 100): Joi.ArraySchema<Value<S>[]> =>
  Joi.array().items(item).max(max) as Joi.ArraySchema<Value<S>[]>;

/** A field with a value of its own when it is left out: optional on the way in, always there in the handler. */
export const withDefault = <S extends Joi.Schema>(field: S, value: Value<S>): S => field.default(value) as S;

/** What `fault` finds nothing wrong with. */
const without =
  (fault: (value: string) => string | undefined) =>
  (value: string): string => {
    const found = fault(value);
    if (found !== undefined) throw new Error(found);
    return value;
  };

/** One line of 1 to `max` characters, kept to the letter. (parse.ts refuses NUL and lone surrogates everywhere.) */
export const text = (max = 1000): Joi.StringSchema =>
  Joi.string().min(1).max(max).custom(without(faultInLine)).meta({ text: 'line' });

/** A name: a line with something to see in it. */
export const name = (max = 200): Joi.StringSchema =>
  Joi.string()
    .min(1)
    .max(max)
    .custom(without(faultInName))
    .meta({ text: 'line', openapi: { pattern: '\\S' } });

/** Text of several lines, which end with a line feed. */
export const lines = (max = 1000): Joi.StringSchema =>
  Joi.string()
    .min(1)
    .max(max)
    .custom((value: string) => without(faultInLines)(withLineFeeds(value)))
    .meta({ text: 'lines' });

/** What is looked for: all that may stand, from before there were rules for it too. */
export const term = (max = 200): Joi.StringSchema => Joi.string().min(1).max(max).meta({ text: 'term' });

/** A password or a token: compared, and never shown. */
export const secret = (max = 1000): Joi.StringSchema => Joi.string().min(1).max(max).meta({ text: 'secret' });

export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** The id of a record, given or generated. */
export const id = (): Joi.StringSchema => Joi.string().pattern(idPattern, 'id');

/**
 * One value of the field or several, separated by commas, any of which will do (`lib/either-of.ts`). It stays one text, the same for
 * the same values.
 */
export const eitherOf = (field: Joi.StringSchema, most = 50): Joi.StringSchema =>
  Joi.string()
    .custom((text: string, { error: refusal }) => {
      const values = valuesIn(text);
      if (values.length > most) throw new Error(`takes ${most} values at the most`);
      for (const value of values) {
        const fault = field.validate(value).error?.details[0];
        // As the field itself would say it.
        if (fault) return refusal(fault.type, fault.context);
      }
      return eitherText(values);
    })
    .meta({ text: 'term' })
    .description(
      `Or several, separated by commas: any of them, ${most} at the most. In a value, \\, is a comma and \\\\ a backslash.`,
    );

export const email = (): Joi.StringSchema =>
  Joi.string().email({ tlds: false, minDomainSegments: 1 }).max(254).example('asha.rao@example.com');

export const phone = (): Joi.StringSchema =>
  Joi.string()
    .max(40)
    .custom(without(faultInPhone))
    .example('+1 212-555-0142')
    .meta({
      text: 'line',
      openapi: {
        description: 'As its country writes it, with an extension if there is one; kept as written.',
      },
    });

export const integer = (min: number, max: number): Joi.NumberSchema =>
  Joi.number().integer().min(min).max(max);

export const decimal = (min: number, max: number): Joi.NumberSchema => Joi.number().min(min).max(max);

export const flag = (): Joi.BooleanSchema<boolean> => Joi.boolean<boolean>();

/** Throws for a day that the calendar does not have, which `Date` would roll over in silence. */
function parseInstant(value: string | Date): Date {
  if (value instanceof Date) return value;
  const parsed = DateTime.fromISO(value, { zone: 'utc' });
  if (!parsed.isValid || !isInYears(parsed.year))
    throw new Error(`is not a time between ${years.first} and ${years.last}`);
  return parsed.toJSDate();
}

/** An instant: ISO 8601 with its offset on the wire, a `Date` inside. */
export const instant = (): Joi.AnySchema<Date> =>
  Joi.string()
    .pattern(new RegExp(`^${iso.instant}$`), 'ISO 8601 time with an offset')
    .example('2026-01-31T09:30:00Z')
    .custom(parseInstant)
    .meta({ wire: 'instant', openapi: { format: 'date-time' } }) as unknown as Joi.AnySchema<Date>;

/** A day of the calendar: `YYYY-MM-DD` on the wire, midnight UTC inside. */
export const calendarDate = (): Joi.AnySchema<Date> =>
  Joi.string()
    .pattern(new RegExp(`^${iso.day}$`), 'YYYY-MM-DD')
    .example('2026-01-31')
    .custom((value: string) => parseInstant(`${value}T00:00:00Z`))
    .meta({ wire: 'date', openapi: { format: 'date' } }) as unknown as Joi.AnySchema<Date>;

/** Either of the two: the start or end of a period in a query. A day means its midnight UTC. */
export const dayOrInstant = (): Joi.AnySchema<Date> =>
  Joi.string()
    .pattern(new RegExp(`^${iso.dayOrInstant}$`), 'YYYY-MM-DD or ISO 8601 time')
    .example('2026-01-31')
    .custom((value: string) => parseInstant(value.includes('T') ? value : `${value}T00:00:00Z`))
    .meta({ wire: 'instant' }) as unknown as Joi.AnySchema<Date>;

/** `HH:MM`, 00:00 to 23:59. */
export const timeOfDay = (): Joi.StringSchema =>
  Joi.string()
    .pattern(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'HH:MM')
    .example('09:30');

/** When something of a day ends: `HH:MM`, or `24:00`, its last moment. */
export const endOfDay = (): Joi.StringSchema =>
  Joi.string()
    .pattern(/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/, 'HH:MM, or 24:00')
    .example('18:00');

/** A zone of the IANA database, such as `America/New_York`, in any case; inside it has its one name. */
export const timeZone = (): Joi.StringSchema =>
  Joi.string()
    .max(64)
    .example('America/New_York')
    .custom((value: string) => {
      const name = zoneNamed(value);
      if (name === null) throw new Error('is not a time zone of the IANA database');
      return name;
    });

/** An amount: a JSON number with two decimals at the most on the wire, exact text inside (`lib/money.ts`). */
export const money = ({ min = 0, max = 9_999_999_999.99 } = {}): Joi.AnySchema<Money> =>
  Joi.number()
    .min(min)
    .max(max)
    .example(12.5)
    .custom((value: number) => {
      const fixed = value.toFixed(2);
      if (Number(fixed) !== value) throw new Error('has more than two decimals');
      return toMoney(fixed);
    })
    .meta({
      wire: 'money',
      openapi: { description: 'An amount with two decimals at the most.' },
    }) as unknown as Joi.AnySchema<Money>;

/** The query of every list. */
export const paging = {
  limit: withDefault(integer(1, 100), 20),
  cursor: optional(Joi.string().max(2000)),
} as const;

export const pageOf = <S extends Joi.Schema>(
  item: S,
): Joi.ObjectSchema<{ items: Value<S>[]; next_cursor: string | null }> =>
  shape({ items: listOf(item, 100), next_cursor: nullable(Joi.string()) });

/** A point of the map, WGS 84 degrees. */
export const location = (): Joi.ObjectSchema<{ latitude: number; longitude: number }> =>
  shape({
    latitude: decimal(-90, 90).example(40.7128),
    longitude: decimal(-180, 180).example(-74.006),
  });
