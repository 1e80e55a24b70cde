import { expect } from 'chai';
import { Timestamp, type Document } from 'mongodb';
import { foldChanges, rowOf } from '../../../src/databases/mirror/changes.js';
import type { MirrorTable } from '../../../src/databases/mirror/mirror.types.js';
import { Gap, type ChangeEvent } from '../../../src/databases/projector/stream.js';

const visits: MirrorTable = {
  name: 'visits',
  collection: 'visits',
  key: 'visit_id',
  columns: [
    { name: 'status', type: 'text', from: 'status' },
    { name: 'minutes', type: 'integer', from: 'minutes' },
    {
      name: 'date_ms',
      type: 'bigint',
      from: 'date',
      of: (value) => (value as Date).getTime(),
    },
    { name: 'year', type: 'integer', from: 'date', of: (value) => (value as Date).getUTCFullYear() },
  ],
};
const date = new Date('2026-02-03T10:00:00Z');
const whole = { status: 'open', minutes: 30, date };

const drop = { _id: 'token', operationType: 'drop', clusterTime: new Timestamp(1n), ns: { coll: 'visits' } };
const event = (operationType: string, what: Partial<ChangeEvent> = {}): ChangeEvent => ({
  ...{ ...drop, operationType, documentKey: { _id: 'V1' } },
  ...what,
});
const insert = (fullDocument: Document) => event('insert', { fullDocument });
const update = (updatedFields: Document, removedFields: string[] = []) =>
  event('update', { updateDescription: { updatedFields, removedFields } });
const after = (...events: ChangeEvent[]) => foldChanges(events, [visits]).get(visits)?.get('V1');

describe('the rows of a mirror', () => {
  it('REP-9: are what the columns make of a document; what is missing is null', () => {
    expect(rowOf(visits, whole)).to.deep.equal({ kind: 'put', values: ['open', 30, date.getTime(), 2026] });
    expect(rowOf(visits, { date: null })).to.deep.equal({ kind: 'put', values: [null, null, null, null] });
  });

  it('REP-9: change as the document does: every column that is made of a field, and no other', () => {
    const later = new Date('2027-01-01T00:00:00Z');
    expect(after(update({ date: later, 'history.3': {} }))).to.deep.equal({
      kind: 'set',
      values: new Map([
        ['date_ms', later.getTime()],
        ['year', 2027],
      ]),
    });
    expect(after(update({}, ['minutes']))).to.deep.equal({
      kind: 'set',
      values: new Map([['minutes', null]]),
    });
    expect(after(update({ 'history.3': {} }, ['reason']))).to.equal(undefined);
  });

  it('REP-9: are what the last of several changes left', () => {
    expect(after(insert(whole), update({ status: 'done' }))).to.deep.equal({
      kind: 'put',
      values: ['done', 30, date.getTime(), 2026],
    });
    expect(after(update({ status: 'done', minutes: 5 }), update({ minutes: 6 }))).to.deep.equal({
      kind: 'set',
      values: new Map<string, unknown>([
        ['status', 'done'],
        ['minutes', 6],
      ]),
    });
    expect(after(insert(whole), event('delete'))).to.deep.equal({ kind: 'remove' });
    expect(after(event('delete'), update({ status: 'done' }))).to.deep.equal({ kind: 'remove' });
    expect(after(event('delete'), insert(whole))).to.have.property('kind', 'put');
  });

  it('REP-8: a document that cannot be counted is named, without its values, until all of it is told anew', () => {
    for (const broken of [
      { ...whole, minutes: 'secret' },
      { ...whole, minutes: 1.5 },
      { ...whole, status: 7 },
    ]) {
      const row = rowOf(visits, broken);
      expect(row).to.have.property('kind', 'uncountable');
      expect(JSON.stringify(row)).to.match(/is no (text|integer)/);
      expect(JSON.stringify(row)).not.to.include('secret');
    }
    const broken = insert({ ...whole, minutes: 'secret' });
    expect(() => after(broken, update({ minutes: 5 }))).to.throw(Gap);
    expect(after(broken, event('replace', { fullDocument: whole }))).to.have.property('kind', 'put');
    expect(after(broken, event('delete'))).to.deep.equal({ kind: 'remove' });
  });

  it('REP-8: what befalls a collection as a whole is a gap', () => {
    expect(() => after(drop)).to.throw(Gap, 'drop of visits');
    expect(() => after(event('strange'))).to.throw(Gap, 'strange of visits');
  });
});
