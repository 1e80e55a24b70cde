import { expect } from 'chai';
import { Timestamp, type Document } from 'mongodb';
import { foldChanges, rowsOf } from '../../../src/databases/mirror/changes.js';
import type { CollectionTable } from '../../../src/databases/mirror/mirror.types.js';
import { Gap, type ChangeEvent } from '../../../src/databases/mirror/stream.js';
import { doses } from './visits.js';

const visits: CollectionTable = {
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

/** Of all events here. */
const time = 1n;
const drop = {
  _id: 'token',
  operationType: 'drop',
  clusterTime: new Timestamp(time),
  ns: { coll: 'visits' },
};
const event = (operationType: string, what: Partial<ChangeEvent> = {}): ChangeEvent => ({
  ...{ ...drop, operationType, documentKey: { _id: 'V1' } },
  ...what,
});
const insert = (fullDocument: Document) => event('insert', { fullDocument });
const update = (updatedFields: Document, removedFields: string[] = []) =>
  event('update', { updateDescription: { updatedFields, removedFields } });
const told = (table: CollectionTable, held: bigint, events: readonly ChangeEvent[]) =>
  foldChanges(events, [visits, doses], held).get(table)?.get('V1');
const after = (...events: ChangeEvent[]) => told(visits, time, events);
const afterNew = (...events: ChangeEvent[]) => told(visits, time - 1n, events);

describe('the rows of a mirror', () => {
  it('REP-9: are what the columns make of a document; what is missing is null', () => {
    expect(rowsOf(visits, whole)).to.deep.equal({ kind: 'put', rows: [['open', 30, date.getTime(), 2026]] });
    expect(rowsOf(visits, { date: null })).to.deep.equal({ kind: 'put', rows: [[null, null, null, null]] });
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
      rows: [['done', 30, date.getTime(), 2026]],
    });
    expect(after(insert(whole), update({}, ['minutes']))).to.deep.equal({
      kind: 'put',
      rows: [['open', null, date.getTime(), 2026]],
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

  it('REP-8: are looked for to be replaced, unless they were inserted after all that may be held', () => {
    const kindOf = (change: ReturnType<typeof after>) => change?.kind;
    const replaced = event('replace', { fullDocument: whole });
    expect(kindOf(after(insert(whole)))).to.equal('put');
    expect(kindOf(afterNew(insert(whole)))).to.equal('add');
    expect(kindOf(afterNew(replaced))).to.equal('put');
    expect(afterNew(insert(whole), update({ status: 'done' }))).to.deep.equal({
      kind: 'add',
      rows: [['done', 30, date.getTime(), 2026]],
    });
    expect(kindOf(afterNew(insert(whole), replaced))).to.equal('add');
    expect(kindOf(afterNew(event('delete'), insert(whole)))).to.equal('put');
    expect(kindOf(afterNew(insert(whole), event('delete'), insert(whole)))).to.equal('put');
    expect(kindOf(afterNew(insert({ ...whole, minutes: 'secret' }), insert(whole)))).to.equal('put');
  });

  it('REP-8: a document that cannot be counted is named, without its values, until all of it is told anew', () => {
    for (const broken of [
      { ...whole, minutes: 'secret' },
      { ...whole, minutes: 1.5 },
      { ...whole, status: 7 },
    ]) {
      const row = rowsOf(visits, broken);
      expect(row).to.have.property('kind', 'uncountable');
      expect(JSON.stringify(row)).to.match(/is no (text|integer)/);
      expect(JSON.stringify(row)).not.to.include('secret');
    }
    const broken = insert({ ...whole, minutes: 'secret' });
    expect(after(broken, update({ minutes: 5 }))).to.deep.equal({ kind: 'within' });
    expect(after(broken, event('replace', { fullDocument: whole }))).to.have.property('kind', 'put');
    expect(after(broken, event('delete'))).to.deep.equal({ kind: 'remove' });
  });

  it('REP-9: of an array are its elements, in their order; of none there are none', () => {
    const rows = (document: Document) => rowsOf(doses, document);
    expect(rows({ doses: [{ drug: 'A' }, { drug: 'B', amount: 2 }] })).to.deep.equal({
      kind: 'put',
      rows: [
        ['A', null],
        ['B', 2],
      ],
    });
    expect([rows({}), rows({ doses: null }), rows({ doses: [] })]).to.deep.equal(
      Array(3).fill({ kind: 'put', rows: [] }),
    );
    expect(rows({ doses: 'secret' })).to.deep.equal({ kind: 'uncountable', reason: 'doses is no array' });
    expect(rows({ doses: [{ drug: 7 }] })).to.deep.equal({ kind: 'uncountable', reason: 'drug is no text' });
  });

  it('REP-9: of an array change when all of it is told; of a change within it they are to be read', () => {
    const of = (...events: ChangeEvent[]) => told(doses, time, events);
    expect(of(update({ doses: [{ drug: 'A' }] }))).to.deep.equal({ kind: 'put', rows: [['A', null]] });
    expect(of(update({}, ['doses']))).to.deep.equal({ kind: 'put', rows: [] });
    const truncated = event('update', {
      updateDescription: { truncatedArrays: [{ field: 'doses' }] },
    });
    for (const part of [
      update({ 'doses.1': { drug: 'A' } }),
      update({ 'doses.0.drug': 'A' }),
      update({}, ['doses.0.amount']),
      truncated,
    ])
      expect(of(part)).to.deep.equal({ kind: 'within' });
    expect(of(insert({ doses: [] }), truncated)).to.deep.equal({ kind: 'within' });
    expect(of(truncated, event('delete'))).to.deep.equal({ kind: 'remove' });
    expect(of(update({ dosesOfElsewhere: [], 'dosesOfElsewhere.1': 2, status: 'done' }))).to.equal(undefined);
  });

  it('REP-8: a change within a field that a column is made of is no change of the column alone', () => {
    expect(after(update({ 'status.code': 'done' }))).to.deep.equal({ kind: 'within' });
  });

  it('REP-8: what befalls a collection as a whole is a gap', () => {
    expect(() => after(drop)).to.throw(Gap, 'drop of visits');
    expect(() => after(event('strange'))).to.throw(Gap, 'strange of visits');
  });
});
