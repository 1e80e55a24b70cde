import { expect } from 'chai';
import fc from 'fast-check';
import Joi from 'joi';
import { isoText, serialiser } from '../../src/http/serialise.js';
import {
  calendarDate as day,
  instant,
  listOf,
  money,
  nullable,
  optional,
  shape,
  text,
} from '../../src/lib/fields.js';

describe('serialiser', () => {
  it('DOCS-1: writes any text as JSON does, lone halves of a pair and control characters too', () => {
    const write = serialiser(shape({ said: text(1000), more: optional(listOf(text(1000), 10)) }));
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.array(fc.string({ unit: 'binary-ascii' })),
        (said, more) => {
          expect(write({ said, more })).to.equal(JSON.stringify({ said, more }));
        },
      ),
    );
    for (const said of ['\ud800', 'a\udfffb', '"\\\u0000\u001f\u2028', '👩‍⚕️'])
      expect(write({ said })).to.equal(JSON.stringify({ said }));
  });

  it('DOCS-1: writes any moment as toISOString does, of years before and after four digits too', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        expect(isoText(date)).to.equal(date.toISOString());
      }),
    );
    for (const ms of [0, -1, 86_399_999, -62_198_755_200_000, 253_402_300_800_000, 8.64e15, -8.64e15])
      expect(isoText(new Date(ms))).to.equal(new Date(ms).toISOString());
    expect(() => isoText(new Date(NaN))).to.throw(RangeError);
  });

  it('DOCS-1: what the shape does not name does not leave; null, nothing and what is missing are as JSON has them', () => {
    const inner = shape({ at: nullable(instant()), on: day() });
    const write = serialiser(shape({ price: money(), list: listOf(inner, 5), other: optional(inner) }));
    const at = new Date('2026-02-03T04:05:06.007Z');
    const value = {
      price: '12.50',
      list: [
        { at, on: at, secret: 1 },
        { at: null, on: at },
      ],
      secret: { x: 1 },
    };
    expect(write(value)).to.equal(
      '{"price":12.5,"list":[{"at":"2026-02-03T04:05:06.007Z","on":"2026-02-03"},{"at":null,"on":"2026-02-03"}]}',
    );
    expect(write(null)).to.equal('null');
    expect(serialiser(Joi.object().pattern(Joi.string(), Joi.any()))({ a: 1n, b: undefined })).to.equal(
      '{"a":1}',
    );
  });
});
