import { expect } from 'chai';
import fc from 'fast-check';
import { blankPatient } from '../../../src/domains/clinical/patients/patients.types.js';
import { places, prescribed, visit } from '../../reports/random-records.js';
import { inStep } from '../../reports/reports-fixture.js';
import { startApi, type TestApi } from '../../support/api.js';
import { size } from '../../support/size.js';
import { merge, state, undo } from './attached.js';

/* PAT-7: pairs by chance, with everything attached: reports say of both together what they said, and the undo gives back what was. */

const pairs = size({ usual: 6, long: 1_000 });
const batch = Math.min(pairs, 20);

const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
const maybe = <T>(value: T): fc.Arbitrary<T | null> => fc.option(fc.constant(value));

const diagnosis = fc.record({
  ...{ disease: fc.constantFrom('Asthma', 'Flu'), code: fc.constantFrom(null, 'J45') },
  ...{
    start_date: fc.constantFrom(day('2024-01-01'), day('2024-03-01')),
    end_date: fc.option(fc.constant(day('2024-05-01'))),
  },
});
const allergy = fc.record({
  ...{ substance: fc.constantFrom('Penicillin', 'Latex'), code: maybe('C1'), category: maybe('medication') },
  ...{ reaction: maybe('Rash'), severity: maybe('mild') },
});
const allergies = fc
  .record({
    state: fc.constantFrom('not_asked' as const, 'none_known' as const),
    items: fc.array(allergy, { maxLength: 2 }),
  })
  .map(({ state: asked, items }) => ({ state: items.length > 0 ? ('listed' as const) : asked, items }));

const person = fc.record({
  patient: fc.record({
    ...{ name: fc.constantFrom('Asha Rao', 'Rao, Ása'), date_of_birth: maybe(day('1984-03-09')) },
    ...{
      sex: fc.constantFrom('female' as const, 'unknown' as const),
      diagnoses: fc.array(diagnosis, { maxLength: 3 }),
      allergies,
    },
    contact: fc.record({
      phone: maybe('+1 202 555 0175'),
      email: maybe('asha@test.example'),
      address: maybe('12 Harbour Street'),
    }),
  }),
  visits: fc.array(visit, { maxLength: 5 }),
  prescriptions: fc.array(prescribed, { maxLength: 4 }),
  bills: fc.array(fc.record({ cents: fc.integer({ min: 1, max: 90_000 }), isPaid: fc.boolean() }), {
    maxLength: 4,
  }),
  ...{ waits: fc.nat(2), opened: fc.nat(2), accounts: fc.nat(1) },
});
type Person = typeof person extends fc.Arbitrary<infer P> ? P : never;

/** What counts people counts one less of two who are one. */
const ofPeople = new Set(['patients', 'new_patients', 'known_patients']);
const reports = [
  'monthly-appointments-trend',
  'revenue',
  'drug-spend',
  'top-doctors',
  'no-show-rate',
  'patient-flow',
];

describe('random pairs of patients', function () {
  this.timeout(size({ usual: 120_000, long: 3_600_000 }));
  let api: TestApi;
  before(async () => {
    api = await startApi({ MIRROR_MEGABYTES: '256' });
    // Its account is there before the first look at what is stored.
    await api.as('admin');
  });
  after(() => api.stop());

  const put = async (name: string, documents: readonly object[]): Promise<void> => {
    if (documents.length > 0)
      await api.system.around.stores.connection.db!.collection(name).insertMany(documents);
  };

  async function add(patient_id: string, one: Person, owes: boolean): Promise<void> {
    const { knex } = api.system.around.stores;
    const at = new Date();
    const made = { version: 1, created_at: at, updated_at: at };
    const named = (what: string, n: number): string => `${what}-${patient_id}-${n}`;
    await api.system.parts.patients.importMany([blankPatient({ patient_id, ...one.patient }, at)]);
    const visits = one.visits.map((record, n) => ({ ...record, _id: named('A', n), patient_id }));
    await put('appointments', visits);
    const wordings = one.prescriptions.map((record, n) => ({ ...record, _id: named('RX', n), patient_id }));
    await put('prescriptions', wordings);
    await put(
      'prescription_versions',
      wordings.map(({ _id, ...prescription }) => ({
        ...{ _id: `${_id} 1`, prescription_id: _id, version: 1, replaced_at: at, replaced_by: 'U' },
        prescription: { prescription_id: _id, ...prescription },
      })),
    );
    await put(
      'slot_claims',
      visits.map(({ _id }, place) => ({
        doctor_id: patient_id,
        grain: at,
        place,
        holder_id: _id,
        patient_id,
        slot_end: new Date(at.getTime() + 9e8),
      })),
    );
    const several = (count: number) => Array.from({ length: count }, (_, n) => n);
    await put(
      'waiting_list',
      several(one.waits).map((n) => ({
        _id: named('W', n),
        doctor_id: patient_id,
        hospital_id: 'H1',
        patient_id,
        day: day(`2030-01-0${n + 1}`),
        status: 'waiting',
        offer: null,
        ...made,
      })),
    );
    await put(
      'emergency_accesses',
      several(one.opened).map((n) => ({
        _id: named('EA', n),
        user_id: 'U',
        doctor_id: null,
        patient_id,
        reason: 'Unconscious.',
        opened_at: new Date(at.getTime() - 9e6),
        expires_at: at,
        review: null,
        version: 1,
      })),
    );
    await put(
      'users',
      several(one.accounts).map((n) => ({
        _id: named('U', n),
        email_key: named('u', n),
        patient_id,
        active: true,
        ...made,
      })),
    );
    await put(
      'removed_appointments',
      visits
        .slice(0, 1)
        .map((record) => ({ ...record, _id: `${record._id}-gone ${at.toISOString()}`, removed_at: at })),
    );
    for (const [n, { cents, isPaid }] of one.bills.entries()) {
      const bill = {
        id: named('B', n),
        appointment_id: named('V', n),
        patient_id,
        kind: 'prescription',
        total_cost: (cents / 100).toFixed(2),
        created_at: at,
        ...places[n % places.length],
        doctor_id: 'D1',
      };
      await knex('billing').insert(bill);
      if (owes && !isPaid) continue;
      const paid = {
        journal_id: `paid ${bill.id}`,
        kind: 'payment',
        patient_id,
        appointment_id: bill.appointment_id,
        posted_at: at,
      };
      const lines = [
        { account: 'cash', amount: bill.total_cost },
        { account: 'receivable', amount: `-${bill.total_cost}` },
      ];
      await knex('ledger_entries').insert(
        lines.map((line, at_line) => ({ ...paid, ...line, line: at_line + 1 })),
      );
    }
  }

  /** What reports say: of both stores' records, and of the mirror, which are the same. */
  async function figures(): Promise<Record<string, unknown[]>> {
    await inStep(api);
    const token = await api.as('admin');
    const said: Record<string, unknown[]> = {};
    for (const report of reports) {
      const ask = `/reports/${report}?from=2023-01-01&to=2031-01-01`;
      const [fast, slow] = [
        await api.get(ask, { token }),
        await api.get(`${ask}&path=definition`, { token }),
      ];
      expect([fast.status, slow.status], JSON.stringify(fast.body)).to.deep.equal([200, 200]);
      expect(fast.body.rows, report).to.deep.equal(slow.body.rows);
      said[report] = slow.body.rows;
    }
    return said;
  }

  const withoutPeople = (all: Record<string, unknown[]>): Record<string, string[]> =>
    Object.fromEntries(
      Object.entries(all).map(([report, rows]) => [
        report,
        rows
          .map((row) => JSON.stringify(row, (key, value: unknown) => (ofPeople.has(key) ? undefined : value)))
          .sort(),
      ]),
    );

  it(`PAT-7: ${pairs} pairs, merged and parted again`, async () => {
    for (let done = 0; done < pairs; done += batch) {
      const people = fc.sample(fc.tuple(person, person, fc.boolean()), batch);
      const ids = people.map((_, n) => [`INTO-${done + n}`, `FROM-${done + n}`] as const);
      for (const [n, [into, from, first]] of people.entries()) {
        await add(ids[n]![0], into, first);
        await add(ids[n]![1], from, !first);
      }
      await api.system.parts.patients.refreshRecent(ids.flat());
      const [before, said] = [await state(api), await figures()];
      const merged: string[] = [];
      for (const [into, from] of ids) {
        const { status, body } = await merge(api, into, from);
        expect(status, JSON.stringify(body)).to.equal(201);
        merged.push(body.merge_id as string);
      }
      expect(withoutPeople(await figures())).to.deep.equal(withoutPeople(said));
      for (const merge_id of merged.toSorted()) {
        const { status, body } = await undo(api, merge_id);
        expect(status, JSON.stringify(body)).to.equal(200);
        expect(body.undone.changed).to.deep.equal([]);
      }
      const after = await state(api);
      for (const [what, records] of Object.entries(before)) {
        expect(after[what], what).to.have.length(records.length);
        for (const [n, record] of records.entries()) expect(after[what]![n], what).to.deep.equal(record);
      }
      expect(await figures()).to.deep.equal(said);
    }
  });
});
