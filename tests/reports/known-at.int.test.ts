import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Answer } from '../support/api.js';
import { startApi, type TestApi } from '../support/api.js';

const admin = { role: 'admin', doctor_id: null } as const;
const years = { from: '2020-01-01', to: '2090-01-01' };
const visits = ['scheduled', 'completed'] as const;

/** Everything that can be asked as it was known at that moment. */
const questions: readonly (readonly [id: string, query: Record<string, unknown>])[] = [
  ...visits.map((status) => ['top-doctors', { ...years, by: 'patients', status, limit: 100 }] as const),
  ['monthly-appointments-trend', { from: '2026-01-01', to: '2028-01-01' }],
  ['no-show-rate', { ...years, by: 'lead_time' }],
  ['patient-flow', { ...years }],
  ['new-and-returning-patients', { ...years }],
  ['returning-patients', { ...years, until: '2089-01' }],
  ['drug-spend', { limit: 100 }],
  ['disease-trends', { basis: 'prescriptions' }],
  ['average-prescription-cost', { kind: 'all' }],
  ['revenue', { by: 'doctor' }],
];

/** What happens, each at least once. */
const bag = {
  ...{ book: 4, move: 2, check_in: 2, complete: 2, cancel: 2, pay: 3, drop: 2 },
  ...{ prescribe: 3, correct: 2, erase: 1 },
} as const;
type What = keyof typeof bag;
const everything = (Object.keys(bag) as What[]).flatMap((what) =>
  Array.from({ length: bag[what] }, () => what),
);
const history = fc.tuple(
  fc.shuffledSubarray(everything, { minLength: everything.length }),
  fc.infiniteStream(fc.nat(30)),
);

describe('GET /reports/*?as_of=', () => {
  let api: TestApi;
  let token: string;
  let doctors: { doctor_id: string; token: string }[];
  let patients: string[];

  before(async () => {
    api = await startApi();
    token = await api.as('admin');
    doctors = [];
    for (let n = 0; n < 2; n++) {
      const { doctor_id } = await api.make.doctor();
      doctors.push({ doctor_id, token: (await api.make.account('doctor', { doctor_id })).token });
    }
    patients = [];
    for (let n = 0; n < 3; n++) patients.push((await api.make.patient()).patient_id as string);
  });
  after(() => api.stop());

  const answer = async (id: string, query: Record<string, unknown>) => {
    const { rows, receipt, provenance } = await api.system.parts.reports.run(id, admin, query);
    return { rows, receipt, rows_read: provenance.rows_read };
  };
  const answers = (as_of?: string) =>
    Promise.all(
      questions.map(([id, query]) => answer(id, as_of === undefined ? query : { ...query, as_of })),
    );

  /** Does it to a record that it can be done to; not at all where there is none. */
  function life() {
    const status = new Map<string, string>();
    const prescribed: string[] = [];
    const among = (which: number, ...wanted: string[]): string => {
      const found = [...status].filter(([, now]) => wanted.includes(now)).map(([id]) => id);
      return found[which % found.length] ?? 'none';
    };
    const step = async (id: string, to: string, body: object = {}): Promise<Answer> => {
      const answer = await api.patch(`/appointments/${id}`, { token, body: { status: to, ...body } });
      if (answer.status === 200) status.set(id, to);
      return answer;
    };
    const tomorrow = Math.ceil(Date.now() / 86_400_000) * 86_400_000;
    return async (what: What, n: number): Promise<number> => {
      const who = { doctor_id: doctors[n % 2]!.doctor_id, patient_id: patients[n % 3]! };
      const paper = prescribed[n % prescribed.length] ?? 'none';
      const does: Record<What, () => Promise<Answer>> = {
        async book() {
          const made = await api.make.appointment({ ...who, disease: 'Asthma' });
          // It has begun, so that it can be completed; a move may take it ahead again.
          await api.system.around.stores.connection
            .collection('appointments')
            .updateOne({ _id: made.appointment_id }, { $set: { date: new Date(Date.now() - 60_000) } });
          status.set(made.appointment_id as string, 'scheduled');
          return { status: 201 } as Answer;
        },
        move: () =>
          api.post(`/appointments/${among(n, 'scheduled')}/reschedule`, {
            token,
            body: { date: new Date(tomorrow + (5 + n) * 86_400_000 + 36e6 + 9e5 * (n % 7)).toISOString() },
          }),
        check_in: () => step(among(n, 'scheduled'), 'checked_in'),
        async complete() {
          const id = among(n, 'scheduled', 'checked_in');
          if (status.get(id) === 'scheduled') await step(id, 'checked_in');
          return step(id, 'completed');
        },
        cancel: () => step(among(n, 'scheduled'), 'cancelled', { cancellation_reason: 'oth-err' }),
        pay: () =>
          api.post(`/transactions/${among(n, 'scheduled', 'checked_in', 'completed')}`, { token, body: {} }),
        async drop() {
          const id = among(n, 'scheduled', 'cancelled');
          const answer = await api.delete(`/appointments/${id}`, { token });
          if (answer.status < 300) status.delete(id);
          return answer;
        },
        async prescribe() {
          const wording = { dosage: { value: 500, unit: 'mg' }, frequency: 'twice_daily', disease: 'Flu' };
          const made = await api.post('/prescriptions', {
            token: doctors[n % 2]!.token,
            body: { ...wording, ...who, cost: 1 + n, drug: `Drug ${n % 2}`, start_date: '2026-01-01' },
          });
          prescribed.push(made.body.prescription_id as string);
          return made;
        },
        correct: () =>
          api.patch(`/prescriptions/${paper}`, { token, body: { cost: 100 + n, end_date: '2026-02-01' } }),
        erase: () => api.delete(`/prescriptions/${paper}`, { token }),
      };
      return (await does[what]()).status;
    };
  }

  it('REP-11: what was answered at a moment is answered later for that moment', async () => {
    const done = new Map<What, number>();
    await fc.assert(
      fc.asyncProperty(history, async ([moves, chances]) => {
        const act = life();
        const seen: { at: string; after: string; answers: unknown }[] = [];
        for (const what of ['book', 'prescribe', ...moves] as const) {
          const answered = await act(what, chances.next().value as number);
          if (answered < 300) done.set(what, (done.get(what) ?? 0) + 1);
          await sleep(3);
          const at = new Date().toISOString();
          seen.push({ at, after: what, answers: await answers() });
          await sleep(3);
        }
        for (const one of seen)
          expect(await answers(one.at), `${one.after} ${one.at}`).to.deep.equal(one.answers);
      }),
      { numRuns: 2, seed: 11, endOnFailure: true },
    );
    expect(new Set(done.keys())).to.deep.equal(new Set(Object.keys(bag)));
  }).timeout(60_000);

  it('REP-11: a removed visit is there again, under its own id, among the records too', async () => {
    const visit = await api.make.appointment({ doctor_id: doctors[0]!.doctor_id, patient_id: patients[0] });
    await sleep(3);
    const as_of = new Date().toISOString();
    await sleep(3);
    expect((await api.delete(`/appointments/${visit.appointment_id}`, { token })).status).to.be.lessThan(300);
    const month = (visit.date as string).slice(0, 7);
    const drill = encodeURIComponent(JSON.stringify({ month }));
    const records = async (more: string): Promise<string[]> => {
      const year = month.slice(0, 4);
      const path = `/reports/monthly-appointments-trend?year=${year}&drill=${drill}&limit=100${more}`;
      const { body } = await api.get(path, { token });
      return body.rows.map((row: { appointment_id: string }) => row.appointment_id);
    };
    expect(await records('')).not.to.include(visit.appointment_id);
    expect(await records(`&as_of=${as_of}`)).to.include(visit.appointment_id);
  });

  it('REP-11: says so, sums up the records, and has the tag of what came out', async () => {
    const as_of = new Date().toISOString();
    const path = `/reports/top-doctors?status=scheduled&as_of=${as_of}`;
    const { body, headers } = await api.get(path, { token });
    expect(body.provenance).to.deep.include({ known_at: as_of, path: 'definition' });
    expect(body.parameters.as_of).to.equal(as_of);
    const again = await api.get(path, {
      token,
      headers: { 'if-none-match': headers.get('etag')!, 'cache-control': 'max-age=0' },
    });
    expect(again.status).to.equal(304);
    expect((await api.get(`/reports/top-doctors?as_of=2020-01-01`, { token })).body.rows).to.deep.equal([]);
  });

  for (const path of [
    'top-doctors?as_of=2090-01-01',
    'top-doctors?as_of=2025-02-30',
    'doctor-utilisation?as_of=2026-01-01',
    'disease-trends?basis=diagnoses&as_of=2026-01-01',
    'disease-trends?basis=appointments&as_of=2026-01-01',
  ])
    it(`REP-11: ${path} is refused by name`, async () => {
      const { status, body } = await api.get(`/reports/${path}`, { token });
      expect([status, body.errors?.[0].pointer]).to.deep.equal([400, '/query/as_of']);
    });
});
