import { expect } from 'chai';
import type Joi from 'joi';
import {
  calendarDate,
  dayOrInstant,
  email,
  id,
  instant,
  integer,
  listOf,
  money,
  name,
  nullable,
  oneOf,
  optional,
  phone,
  shape,
  text,
  timeOfDay,
  timeZone,
  withDefault,
} from '../../src/lib/fields.js';
import { parse } from '../../src/http/parse.js';
import { Problem } from '../../src/lib/errors.js';

/** The value as a handler gets it, or the messages of what is wrong. */
function read(field: Joi.Schema, value: unknown): unknown {
  try {
    return (
      parse({ body: shape({ field }) }, { params: {}, query: {}, body: { field: value } }).body as {
        field: unknown;
      }
    ).field;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.options.errors!.map(({ pointer, message }) => `${pointer} ${message}`);
  }
}

const cases: readonly [string, Joi.Schema, readonly unknown[], readonly unknown[]][] = [
  [
    'id',
    id(),
    ['P1', 'P01K-9.x_y:z', 'a'.repeat(64)],
    ['', '-a', 'a b', 'a/b', '$ne', 'a'.repeat(65), 'é', 7, null, { $ne: 1 }],
  ],
  ['name', name(), ['Zoë', 'x', "O'Neil; DROP TABLE", '𝒳'], ['', ' \t\n', 'x'.repeat(201), 5]],
  ['text', text(5), ['12345', ' '], ['', '123456', 'a\0b', '\ud83d', ['a']]],
  [
    'email',
    email(),
    ['a@b.example', 'root@localhost'],
    ['a', '@b', 'a@', 'a b@c.example', `${'a'.repeat(250)}@b.example`],
  ],
  ['phone', phone(), ['+1 (555) 123-4567', '12345'], ['123', 'phone', '+', '1'.repeat(40)]],
  ['integer', integer(1, 9), [1, 9], [0, 10, 1.5, '5', NaN, Infinity, true]],
  ['time of day', timeOfDay(), ['00:00', '23:59'], ['24:00', '9:00', '12:60', '']],
  ['time zone', timeZone(), ['UTC', 'America/New_York'], ['Mars/Olympus', '', 5]],
  ['one of', oneOf('a', 'b'), ['a'], ['c', 'A', 1, ['a']]],
  ['list', listOf(integer(0, 9), 2), [[], [1, 2]], [[1, 2, 3], ['1'], 1, { 0: 1 }]],
  ['nullable', nullable(text(5)), [null, 'a'], ['', 5]],
  [
    'instant',
    instant(),
    [],
    [
      '2025-02-30T00:00:00Z',
      '2025-01-01',
      '2025-01-01T00:00:00',
      '2025-01-01T00:00:00+99:00',
      '9999-01-01T00:00:00Z',
      'now',
      1735689600000,
    ],
  ],
  [
    'calendar date',
    calendarDate(),
    [],
    ['2025-02-29', '2025-13-01', '25-01-01', '2025-01-01T00:00:00Z', 20250101],
  ],
  ['money', money(), [], [-1, 0.001, 1.005, 1e10, '12.50', Infinity, NaN]],
];

describe('the vocabulary of fields', () => {
  for (const [title, field, good, bad] of cases) {
    it(`${title}: keeps what is right to the letter, names the field of what is not`, () => {
      for (const value of good) expect(read(field, value), JSON.stringify(value)).deep.equal(value);
      for (const value of bad) {
        const mistakes = read(field, value) as string[];
        expect(mistakes, JSON.stringify(value)).to.be.an('array').that.is.not.empty;
        for (const mistake of mistakes) expect(mistake).to.match(/^\/body\/field(\/\d+)? \S/);
      }
    });
  }

  it('reads times as instants, and days as midnight UTC', () => {
    expect(read(instant(), '2025-03-30T02:30:00+02:00')).deep.equal(new Date('2025-03-30T00:30:00Z'));
    expect(read(calendarDate(), '2024-02-29')).deep.equal(new Date('2024-02-29T00:00:00Z'));
    expect(read(dayOrInstant(), '2024-02-29')).deep.equal(new Date('2024-02-29T00:00:00Z'));
    expect(read(dayOrInstant(), '2024-02-29T12:00Z')).deep.equal(new Date('2024-02-29T12:00:00Z'));
  });

  it('reads money as exact text', () => {
    expect([12, 12.5, 0.29, 9_999_999_999.99].map((value) => read(money(), value))).deep.equal([
      '12.00',
      '12.50',
      '0.29',
      '9999999999.99',
    ]);
  });

  it('requires every field of a shape that is neither optional nor has a default, and closes it', () => {
    const whole = shape({ a: integer(0, 9), b: optional(integer(0, 9)), c: withDefault(integer(0, 9), 7) });
    expect(read(whole, { a: 1 })).deep.equal({ a: 1, c: 7 });
    expect(read(whole, { b: 1, d: 1 })).deep.equal([
      '/body/field/a is required',
      '/body/field/d is not allowed',
    ]);
  });

  it('never says the value back: it may be a password', () => {
    for (const [, field] of cases) {
      const answer = read(field, 'hunter2/$hunter2');
      if (Array.isArray(answer)) expect(answer.join()).not.to.include('hunter2');
    }
  });
});
