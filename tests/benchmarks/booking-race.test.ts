import { expect } from 'chai';
import { changesOf, judge } from '../../benchmarks/booking-race/verdict.js';

const slots = ['2027-05-10T08:00:00Z', '2027-05-10T08:15:00Z'].map((text) => new Date(text));
const won = (appointment_id: string) => ({ status: 201, code: null, appointment_id });
const lost = { status: 409, code: 'slot_taken', appointment_id: null };
const stored = (_id: string, slot: number) => ({ _id, date: slots[slot]! });

describe('the verdict of a booking race', () => {
  const both = [stored('A1', 0), stored('A2', 1)];

  it('BOOK-4: is exact when each slot has the appointment that one client was told of', () => {
    expect(judge(slots, [won('A2'), lost, won('A1'), lost], both)).to.deep.equal({
      ...{ booked: 2, taken: 2, other: {}, stored: 2, exact: true },
    });
  });

  it('BOOK-4: is not when a slot is given twice, is left over, or its winner is told of another appointment', () => {
    const isExact = (answers: Parameters<typeof judge>[1], found: Parameters<typeof judge>[2]): boolean =>
      judge(slots, answers, found).exact;
    expect(isExact([won('A1'), won('A2'), won('A3')], [...both, stored('A3', 1)])).to.equal(false);
    expect(isExact([won('A1'), won('A2'), lost], [stored('A1', 0), stored('A2', 0)])).to.equal(false);
    expect(isExact([won('A1'), lost, lost], [stored('A1', 0)])).to.equal(false);
    expect(isExact([won('A1'), won('A3'), lost], both)).to.equal(false);
    expect(isExact([won('A1'), won('A1'), lost], both)).to.equal(false);
    expect(isExact([won('A1'), lost, lost], both)).to.equal(false);
  });

  it('BOOK-4: is not when a client hears anything else, and counts what that was', () => {
    const away = { status: 503, code: 'unavailable', appointment_id: null };
    const cut = { status: 0, code: 'ECONNRESET', appointment_id: null };
    const expired = { ...lost, code: 'hold_expired' };
    const verdict = judge(slots, [won('A1'), won('A2'), away, away, cut, expired], both);
    expect(verdict.exact).to.equal(false);
    expect(verdict.other).to.deep.equal({ '503 unavailable': 2, '0 ECONNRESET': 1, '409 hold_expired': 1 });
  });

  it('BILL-3: tells whose answer changed when they asked again', () => {
    expect(changesOf([won('A1'), lost], [won('A1'), lost])).to.deep.equal({});
    expect(changesOf([won('A1'), lost, lost], [won('A2'), won('A3'), lost])).to.deep.equal({
      '201 A1, then 201 A2': 1,
      '409 slot_taken, then 201 A3': 1,
    });
  });
});
