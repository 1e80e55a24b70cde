import { expect } from 'chai';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { dayNumber, hourOf, localMillis, weekdayOf } from '../../src/domains/reports/mirror/calendar.js';

const day = 86_400_000;
const quarter = 900_000;
const zones = [
  ...['UTC', 'America/New_York', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/St_Johns'],
  // Half an hour; and clocks that are put forward at midnight, so that a day begins at one.
  ...['Australia/Lord_Howe', 'America/Santiago', 'Africa/Cairo', 'America/Asuncion', 'America/Sao_Paulo'],
];

function expectLikeLuxon(instant: Date, zone: string): void {
  const shown = DateTime.fromJSDate(instant, { zone });
  const midnight = Date.UTC(shown.year, shown.month - 1, shown.day);
  const said = `${instant.toISOString()} in ${zone}`;
  expect(dayNumber(instant, zone), said).to.equal(midnight / day);
  expect(hourOf(instant, zone), said).to.equal(shown.hour);
  expect(weekdayOf(instant, zone), said).to.equal(shown.weekday);
  const { minute, second, millisecond } = shown;
  const time = ((shown.hour * 60 + minute) * 60 + second) * 1000 + millisecond;
  expect(localMillis(instant, zone), said).to.equal(midnight + time);
}

describe('the calendar of the mirror', () => {
  it('REP-8: shows the day, the weekday and the hour of any instant in any zone', () => {
    // Before 1970 too: whoever is old was born then.
    const instants = fc.date({
      min: new Date('1950-01-01'),
      max: new Date('2100-01-01'),
      noInvalidDate: true,
    });
    fc.assert(fc.property(instants, fc.constantFrom(...zones), expectLikeLuxon), { numRuns: 2_000 });
  });

  it('REP-8: is exact around every change of the clocks, to the millisecond', () => {
    let changes = 0;
    const offsetAt = (time: number, zone: string): number => DateTime.fromMillis(time, { zone }).offset;
    for (const zone of zones)
      for (let time = Date.UTC(2014, 0); time < Date.UTC(2026, 0); time += day) {
        if (offsetAt(time, zone) === offsetAt(time + day, zone)) continue;
        changes += 1;
        for (let at = time - quarter; at <= time + day; at += quarter)
          for (const ms of [at - 1, at]) expectLikeLuxon(new Date(ms), zone);
      }
    expect(changes).to.be.greaterThan(100);
  }).timeout(60_000);

  it('REP-8: goes on over days that begin at one, where clocks are put forward at midnight', () => {
    for (const [zone, name] of [
      ['America/Santiago', '2025-09-07'],
      ['Africa/Cairo', '2025-04-25'],
      ['America/Asuncion', '2017-10-01'],
    ] as const) {
      const first = DateTime.fromISO(name, { zone });
      expect(hourOf(first.toJSDate(), zone)).to.equal(1);
      const days = [-1, 0, 1].map((n) => dayNumber(first.plus({ days: n }).toJSDate(), zone));
      expect(days).to.deep.equal([-1, 0, 1].map((n) => Date.parse(name) / day + n));
    }
  });
});
