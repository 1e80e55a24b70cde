import { expect } from 'chai';
import { compare } from '../../scripts/drill-crash/relay.js';
import type { Scenario } from '../../scripts/drill-crash/scenarios.js';
import { judge, type Held } from '../../scripts/drill-crash/verdict.js';
import { money } from '../../src/lib/money.js';

const at = new Date('2026-12-01T10:00:00Z');
const history = (...statuses: string[]) =>
  statuses.map((status) => ({ status, at, by: 'U1' })) as NonNullable<Held['visit']>['history'];
const mark = (refunded: string) => ({
  ...{ transaction_id: 'T1', status: 'paid', total_fee: money('59.08'), refunded: money(refunded), as_of: 3 },
});

const cancel: Scenario = {
  ...{ appointment_id: 'A1', act: 'cancel', ask: { method: 'PATCH', path: '/appointments/A1' } },
  paid: { total_fee: money('59.08'), refunded: money('29.54') },
  billed: null,
};
const cancelled: Held = {
  visit: { status: 'cancelled', history: history('scheduled', 'cancelled'), payment: mark('29.54') as never },
  bills: [],
  payments: ['59.08'],
  refunds: ['29.54'],
  cash: '29.54',
  told: ['appointment.booked', 'payment.paid', 'appointment.cancelled', 'payment.refunded'],
};
const complete: Scenario = {
  ...{ appointment_id: 'A1', act: 'complete', ask: { method: 'PATCH', path: '/appointments/A1' } },
  paid: { total_fee: money('59.08'), refunded: money('0.00') },
  billed: money('50.07'),
};
const completed: Held = {
  ...{ bills: ['50.07'], payments: ['59.08'], refunds: [], cash: '59.08', told: ['payment.paid'] },
  visit: {
    ...{ status: 'completed', history: history('scheduled', 'checked_in', 'completed') },
    payment: mark('0.00') as never,
  },
};
const clean = { lost: [], doubled: [], wrong: [] };

describe('the verdict of a crash drill', () => {
  it('BILL-5: is clean when all that was asked for is there once, to the cent', () => {
    expect(judge(cancel, cancelled)).deep.equal(clean);
    expect(judge(complete, completed)).deep.equal(clean);
  });

  it('BILL-5: names what is missing: a step, a bill, a refund, a mark, a word to the patient', () => {
    const without = { ...completed, visit: { ...completed.visit!, history: history('checked_in') } };
    expect(judge(complete, { ...without, bills: [] })).deep.equal({
      ...clean,
      lost: ['A1 step completed', 'A1 bill'],
    });
    const unmarked = { ...cancelled.visit!, payment: null };
    const told = cancelled.told.slice(0, 3);
    expect(judge(cancel, { ...cancelled, visit: unmarked, refunds: [], told, cash: '59.08' })).deep.equal({
      lost: ['A1 refund', 'A1 mark', 'A1 notification payment.refunded'],
      doubled: [],
      wrong: ['A1 cash: 59.08, not 29.54'],
    });
    expect(judge(cancel, { ...cancelled, visit: null }).lost).include('A1 visit');
  });

  it('BILL-5: names what is there twice: a step, a bill, a payment, a refund, a word to the patient', () => {
    const steps = history('checked_in', 'completed', 'completed');
    const twice = { ...completed, visit: { ...completed.visit!, history: steps } };
    expect(judge(complete, { ...twice, bills: ['50.07', '50.07'] }).doubled).deep.equal([
      'A1 step completed',
      'A1 bill',
    ]);
    const again = { payments: ['59.08', '59.08'], refunds: ['29.54', '29.54'] };
    const told = [...cancelled.told, 'payment.refunded'];
    expect(judge(cancel, { ...cancelled, ...again, told }).doubled).deep.equal([
      'A1 payment',
      'A1 refund',
      'A1 notification payment.refunded',
    ]);
  });

  it('BILL-5: names an amount or a mark that says something else', () => {
    const odd = { ...cancelled, visit: { ...cancelled.visit!, payment: mark('0.00') as never } };
    expect(judge(cancel, { ...odd, refunds: ['29.53'] }).wrong).deep.equal([
      'A1 refund: 29.53, not 29.54',
      'A1 mark: 59.08 0.00, not 59.08 29.54',
    ]);
  });
});

describe('the verdict on a relay', () => {
  it('BILL-5: is clean when the inbox and the effects are what was announced, each once', () => {
    expect(compare(['a', 'b'], ['b', 'a'], ['a', 'b'])).deep.equal({ lost: [], doubled: [], strange: [] });
  });

  it('BILL-5: names what was not taken or has no effect, what has two, and what nobody announced', () => {
    expect(compare(['a', 'b', 'c'], ['a', 'b', 'x'], ['a', 'a', 'x'])).deep.equal({
      lost: ['b', 'c'],
      doubled: ['a'],
      strange: ['x', 'x'],
    });
  });
});
