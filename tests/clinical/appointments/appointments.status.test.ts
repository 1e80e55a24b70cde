import { expect } from 'chai';
import {
  canStep,
  checkStep,
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
