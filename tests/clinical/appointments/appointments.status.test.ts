import { expect } from 'chai';
import {
  canStep,
  checkStep,
  checkStepTime,
  isFinal,
} from '../../../src/domains/clinical/appointments/appointments.status.js';
import { appointmentStatuses } from '../../../src/domains/clinical/appointments/appointments.types.js';
import { Problem } from '../../../src/lib/errors.js';

describe('the steps of an appointment', () => {
  const drawn = [
    'scheduled → checked_in',
    'scheduled → cancelled',
    'scheduled → no_show',
    'checked_in → completed',
  ];

  for (const from of appointmentStatuses)
    for (const to of appointmentStatuses) {
      const step = `${from} → ${to}`;
      const may = drawn.includes(step);
      it(`BOOK-3: ${may ? 'allows' : 'refuses'} ${step}`, () => {
        expect(canStep(from, to)).to.equal(may);
        if (may) checkStep(from, to);
        else
          expect(() => checkStep(from, to))
            .to.throw(Problem)
            .with.property('code', 'step_not_allowed');
      });
    }

  it('BOOK-3: completed, cancelled and no_show are final', () => {
    expect(appointmentStatuses.filter(isFinal)).to.deep.equal(['completed', 'cancelled', 'no_show']);
  });
});

describe('when a step may be made', () => {
  const hour = 3_600_000;
  const outcome = (work: () => void): string => {
    try {
      work();
      return 'may';
    } catch (error) {
      return (error as Problem).code;
    }
  };
  const day = (at: Date, timeZone: string): string => at.toLocaleDateString('en-CA', { timeZone });

  for (const zone of ['UTC', 'Asia/Kolkata', 'America/New_York', 'Pacific/Kiritimati', 'Pacific/Pago_Pago'])
    it(`BOOK-10: in ${zone} a visit is checked in on its day, and not over or missed before it begins`, () => {
      // The clocks of New York change on 14 March.
      for (const start of ['2027-03-14T00:00:00Z', '2027-03-14T06:30:00Z', '2027-03-14T23:45:00Z']) {
        const date = new Date(start);
        const visit = { date, slot_end: new Date(date.getTime() + hour / 4) };
        for (let ahead = -60; ahead <= 60; ahead++) {
          const now = new Date(date.getTime() - ahead * hour);
          for (const late of [true, false]) {
            const can = (to: 'checked_in' | 'completed' | 'no_show' | 'cancelled') =>
              outcome(() => checkStepTime(visit, to, { now, zone, late }));
            const begun = now >= date ? 'may' : 'step_not_allowed';
            expect([can('completed'), can('no_show'), can('cancelled')]).to.deep.equal([begun, begun, 'may']);
            const [today, first, last] = [now, date, visit.slot_end].map((at) => day(at, zone));
            const isDay = today! >= first! && (late || today! <= last!);
            expect(can('checked_in'), `${now.toISOString()} ${late}`).to.equal(
              isDay ? 'may' : 'step_not_allowed',
            );
          }
        }
      }
    });
});
