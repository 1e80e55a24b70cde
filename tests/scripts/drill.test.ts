import { expect } from 'chai';
import { longestGap } from '../../scripts/drill/run.js';
import { judge, type Stored, type StoredAppointment } from '../../scripts/drill/verdict.js';
import type { Acknowledged } from '../../scripts/drill/workload.js';

const date = new Date('2026-12-01T10:00:00Z');

const visit = (_id: string, reason: string, ...statuses: string[]): StoredAppointment => ({
  ...{ _id, patient_id: 'P1', reason, date, status: statuses.at(-1)! },
  history: statuses.map((status) => ({ status })),
});

const summaryOf = ({ _id, date: at, status }: StoredAppointment) => ({
  appointment_id: _id,
  date: at,
  status,
});

function stored(appointments: StoredAppointment[], more: Partial<Stored> = {}): Stored {
  const patient = { _id: 'P1', name: 'Ann', appointments: appointments.toReversed().map(summaryOf) };
  return { appointments, patients: [patient], billed: [], ...more };
}

const all: Acknowledged[] = [
  { kind: 'patient', key: 'Ann', id: 'P1' },
  { kind: 'appointment', key: 'visit 0', id: 'A1' },
  { kind: 'checked_in', key: 'visit 0', id: 'A1' },
  { kind: 'completed', key: 'visit 0', id: 'A1' },
];
const done = visit('A1', 'visit 0', 'scheduled', 'checked_in', 'completed');

describe('the verdict of a failover drill', () => {
  it('DBA-3: is clean when all that was acknowledged is there once and whole', () => {
    const verdict = judge(all, stored([done], { billed: ['A1'] }));
    expect(verdict).to.deep.equal({ lost: [], doubled: [], torn: [] });
  });

  it('DBA-3: a write that nobody was told of may be there or not', () => {
    const verdict = judge([all[0]!], stored([visit('A9', 'visit 9', 'scheduled')]));
    expect(verdict).to.deep.equal({ lost: [], doubled: [], torn: [] });
  });

  it('DBA-3: names an acknowledged write that is lost, a step too', () => {
    expect(judge(all, stored([visit('A1', 'visit 0', 'scheduled')])).lost).to.deep.equal([
      'checked_in visit 0',
      'completed visit 0',
    ]);
    expect(judge(all, stored([], { patients: [] })).lost).to.have.length(4);
  });

  it('DBA-3: names what is there twice: a booking, a patient, a step, a bill', () => {
    const again = visit('A2', 'visit 0', 'scheduled');
    expect(judge(all, stored([done, again], { billed: ['A1'] })).doubled).to.deep.equal([
      'appointment visit 0',
    ]);
    const twins = stored([done], { billed: ['A1', 'A1'] });
    const ann = { ...twins.patients[0]!, _id: 'P2', appointments: [] };
    expect(judge(all, { ...twins, patients: [...twins.patients, ann] }).doubled).to.deep.equal([
      'patient Ann',
      'bill A1',
    ]);
    const steps = visit('A1', 'visit 0', 'scheduled', 'checked_in', 'checked_in', 'completed');
    expect(judge(all, stored([steps], { billed: ['A1'] })).doubled).to.deep.equal(['checked_in visit 0']);
  });

  it('DBA-3: names halves: a document out of step, a visit without bill, a status without its step', () => {
    const stale = stored([done], {
      billed: ['A1'],
      patients: [{ _id: 'P1', name: 'Ann', appointments: [] }],
    });
    expect(judge(all, stale).torn).to.deep.equal(['patient Ann']);
    expect(judge(all, stored([done])).torn).to.deep.equal(['bill of visit 0']);
    const odd = { ...done, status: 'cancelled' };
    expect(judge([], stored([odd])).torn).to.deep.equal(['history of visit 0']);
  });
});

describe('longestGap', () => {
  it('DBA-3: is the longest pause that ends after the fault, the one across it included', () => {
    expect(longestGap([0, 900, 1000, 1010, 1500, 1510], 1005)).to.deep.equal({ ms: 490, end: 1500 });
    expect(longestGap([0, 900, 1300], 1000)).to.deep.equal({ ms: 400, end: 1300 });
    expect(longestGap([], 5)).to.deep.equal({ ms: 0, end: 5 });
  });
});
