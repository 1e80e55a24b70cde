import { expect } from 'chai';
import type { CommandStartedEvent } from 'mongodb';
import { appointment, at, prescription } from '../aggregations/records.js';
import { startApi, type Answer, type TestApi } from '../support/api.js';
import { addBills, fillStores, inStep } from './reports-fixture.js';

/** The test set, with events for what is sent to it. */
const monitored = (): string => `${process.env['TEST_MONGODB_URI']!}&monitorCommands=true`;

// fetch would add `no-cache` of its own, which asks for the whole answer.
const unlessChanged = (tag: string | null) => ({ 'if-none-match': tag!, 'cache-control': 'max-age=0' });

describe('how reports are served', () => {
  let api: TestApi;
  let manager: string;
  let admin: string;
  let hospital_id: string;
  let doctor_id: string;
  let department_id: string;

  before(async () => {
    api = await startApi({ MONGODB_URI: monitored(), MIRROR_MEGABYTES: '256' });
    [manager, admin] = [await api.as('manager'), await api.as('admin')];
    ({ hospital_id } = (await api.make.hospital({ region: 'West' })) as never);
    ({ department_id } = (await api.make.department({ hospital_id })) as never);
    ({ doctor_id } = (await api.make.doctor({ department_id })) as never);
    const place = { doctor_id, department_id, hospital_id };
    await fillStores(
      api,
      {
        appointments: [1, 2, 3].map((n) =>
          appointment({ ...place, date: at(`2025-0${n}-10T10:00:00Z`), patient_id: `P${n}` }),
        ),
        prescriptions: [prescription({ ...place, end_date: at('2025-01-09') })],
      },
      [{ id: 'B1', patient_id: 'P1', total_cost: '30.00', disease: 'Asthma', disease_code: 'J45' }],
    );
  });
  after(() => api.stop());

  const get = (path: string, headers: Record<string, string> = {}, token = manager): Promise<Answer> =>
    api.get(`/reports/${path}`, { token, headers });

  /** The collections that are aggregated while `work` is done. */
  async function aggregated(work: () => Promise<unknown>): Promise<string[]> {
    const client = api.system.around.stores.connection.getClient();
    const collections: string[] = [];
    const listen = ({ commandName, command }: CommandStartedEvent): void => {
      if (commandName === 'aggregate' && typeof command['aggregate'] === 'string')
        collections.push(command['aggregate']);
    };
    client.on('commandStarted', listen);
    try {
      await work();
    } finally {
      client.off('commandStarted', listen);
    }
    return collections.filter((name) => name === 'appointments');
  }

  describe('the path', () => {
    for (const path of [
      'top-doctors?by=appointments',
      'monthly-appointments-trend?year=2025',
      'disease-trends?basis=prescriptions',
      'average-prescription-cost',
    ])
      it(`REP-8, REP-9: ${path} answers from the mirror, and the records prove it`, async () => {
        const fast = await get(path, {}, admin);
        const slow = await get(`${path}${path.includes('?') ? '&' : '?'}path=definition`, {}, admin);
        expect([fast.body.provenance.path, slow.body.provenance.path]).to.deep.equal([
          'mirror',
          'definition',
        ]);
        expect(fast.body.rows).to.deep.equal(slow.body.rows).and.not.to.be.empty;
        expect(fast.body.receipt).to.deep.equal(slow.body.receipt);
        expect(fast.body.provenance.definition).to.equal(slow.body.provenance.definition);
        expect(Date.parse(fast.body.provenance.as_of.mongodb)).to.be.closeTo(Date.now(), 60_000);
      });

    it('REP-9: which records prove it, only an admin may ask', async () => {
      expect((await get('top-doctors?path=definition')).status).to.equal(403);
      const { status, body } = await get('top-doctors?path=mirror', {}, admin);
      expect([status, body.errors[0].pointer]).to.deep.equal([400, '/query/path']);
    });

    it('REP-9: a period within a day is answered from the mirror too', async () => {
      const { body } = await get('top-doctors?from=2025-01-10T09:30:00Z&to=2025-01-10T10:30:00Z');
      expect(body.provenance.path).to.equal('mirror');
      expect(body.rows[0]).to.include({ doctor_id, appointments: 1 });
    });
  });

  describe('tags', () => {
    it('REP-6, REP-9: the one who has the figures is told so, and no record is read', async () => {
      const first = await get('top-doctors');
      expect(first.headers.get('etag')).to.match(/^W\/"[\w-]{27}"$/);
      const asked = await aggregated(async () => {
        const again = await get('top-doctors', unlessChanged(first.headers.get('etag')));
        expect([again.status, again.body]).to.deep.equal([304, undefined]);
        expect(again.headers.get('etag')).to.equal(first.headers.get('etag'));
      });
      expect(asked).to.deep.equal([]);
    });

    it('REP-9: the same answer again is sent as it was, and no record is read', async () => {
      const first = await get('top-doctors?limit=7');
      const asked = await aggregated(async () => {
        const again = await get('top-doctors?limit=7');
        expect([again.status, again.body]).to.deep.equal([200, first.body]);
        expect(again.headers.get('content-type')).to.equal('application/json; charset=utf-8');
      });
      expect(asked).to.deep.equal([]);
      const csv = await get('top-doctors?limit=7&format=csv');
      const same = await get('top-doctors?limit=7&format=csv');
      expect([csv.body, csv.headers.get('content-disposition')]).to.deep.equal([
        same.body,
        same.headers.get('content-disposition'),
      ]);
      expect(csv.headers.get('etag')).not.to.equal(first.headers.get('etag'));
    });

    it('REP-6: another tag where another doctor, format, period or word is meant', async () => {
      const paths = [
        'top-doctors',
        'top-doctors?by=appointments',
        'top-doctors?from=2025-01-01',
        'top-doctors?to=2025-01-01',
        'top-doctors?format=csv',
        `top-doctors?doctor_id=${doctor_id}`,
        'monthly-appointments-trend?year=2025',
      ];
      const tags = await Promise.all(paths.map(async (path) => (await get(path)).headers.get('etag')));
      expect(new Set(tags).size).to.equal(paths.length);
    });

    it('REP-6: another tag once a region has another hospital', async () => {
      const before = await get('top-doctors?region=West');
      await api.make.hospital({ region: 'West' });
      const after = await get('top-doctors?region=West', unlessChanged(before.headers.get('etag')));
      expect(after.status).to.equal(200);
      expect(after.body.provenance.parameters.hospital_ids).to.have.length(2);
    });

    it('REP-6: another tag once a disease goes by another code, in either store', async () => {
      const path = 'average-prescription-cost?disease=Asthma';
      const codes = ({ body }: Answer) => body.provenance.parameters.diseases.codes as string[];
      const first = await get(path);
      await addBills(api, [
        { id: 'B2', patient_id: 'P2', total_cost: '5.00', disease: 'Asthma', disease_code: 'J46' },
      ]);
      const second = await get(path, unlessChanged(first.headers.get('etag')));
      expect([second.status, codes(second)]).to.deep.equal([200, [...codes(first), 'J46'].sort()]);
      expect(second.body.rows).to.have.length(first.body.rows.length + 1);
    });

    it('REP-9: equal tags are equal figures while others write', async () => {
      const { connection } = api.system.around.stores;
      const figuresOf = new Map<string, string>();
      let writing = true;
      const write = async (): Promise<void> => {
        for (let n = 0; n < 40; n += 1)
          await connection
            .db!.collection('appointments')
            .insertOne(appointment({ doctor_id, department_id, hospital_id, patient_id: `Q${n}` }));
        writing = false;
      };
      const read = async (): Promise<void> => {
        do {
          const { headers, body } = await get('top-doctors?by=appointments');
          const figures = JSON.stringify(body.rows);
          const known = figuresOf.get(headers.get('etag')!) ?? figures;
          expect(figures).to.equal(known);
          figuresOf.set(headers.get('etag')!, figures);
        } while (writing);
      };
      await Promise.all([write(), ...[1, 2, 3, 4].map(read)]);
      await inStep(api);
      const { body } = await get('top-doctors?by=appointments');
      expect(body.rows[0].appointments).to.equal(43);
      expect(figuresOf.size).to.be.greaterThan(1);
    });
  });

  describe("the caller's own writes", () => {
    it('REP-9: are in the next report, and its tag is another one', async () => {
      let tag: string | null = null;
      for (let n = 0; n < 5; n += 1) {
        const name = `Dr Renamed ${n}`;
        const written = await api.patch(`/doctors/${doctor_id}`, { token: admin, body: { name } });
        expect([written.status, written.headers.get('written-at')]).to.satisfy(
          ([status, moment]: [number, string]) => status === 200 && /^\d{19}$/.test(moment),
        );
        const { status, body, headers } = await get(
          'top-doctors?by=appointments',
          tag ? unlessChanged(tag) : {},
          admin,
        );
        expect([status, body.provenance.path, body.rows[0].name]).to.deep.equal([200, 'mirror', name]);
        tag = headers.get('etag');
      }
    });

    it('REP-9: visits booked and cancelled are counted at once', async () => {
      const patient = (await api.make.patient())['patient_id'];
      const years = new Set<string>();
      for (let n = 1; n <= 4; n += 1) {
        const { appointment_id, date } = (await api.make.appointment({ doctor_id, patient_id: patient })) as {
          appointment_id: string;
          date: string;
        };
        years.add(date.slice(0, 4));
        await api.make.steps(appointment_id, 'cancelled');
        let cancelled = 0;
        for (const year of years) {
          const { body } = await get(
            `monthly-appointments-trend?year=${year}&doctor_id=${doctor_id}`,
            {},
            admin,
          );
          expect(body.provenance.path).to.equal('mirror');
          for (const row of body.rows) cancelled += row.cancelled;
        }
        expect(cancelled).to.equal(n);
      }
    });

    it('REP-9: made through another process, by what that process said', async () => {
      const other = await startApi();
      try {
        const moment = (
          await api.patch(`/doctors/${doctor_id}`, { token: admin, body: { name: 'Dr Last' } })
        ).headers.get('written-at')!;
        const { status, body } = await get('top-doctors?by=appointments', { 'read-after': moment });
        expect([status, body.rows[0].name]).to.deep.equal([200, 'Dr Last']);
        // The cluster's clock is one for all databases: a process that never wrote takes the moment too.
        const far = await other.get('/reports/top-doctors', {
          token: await other.as('manager'),
          headers: { 'read-after': moment },
        });
        expect(far.status).to.equal(200);
      } finally {
        await other.stop();
      }
    });

    for (const header of ['soon', '-1', '1.5', '0', '1', '99999999999999999999', `${2n ** 63n - 1n}`])
      it(`REP-9: Read-After: ${header} is refused`, async () => {
        const { status, body } = await get('top-doctors', { 'read-after': header });
        expect([status, body.errors[0].pointer]).to.deep.equal([400, '/header/read-after']);
      });
  });

  it('REP-8: while the mirror does not run or is built anew, the records answer', async () => {
    const mirror = api.system.parts.mirror!;
    const ask = () => get('top-doctors?limit=9');
    const before = await ask();
    const { rows } = before.body as { rows: unknown };
    await mirror.stop();
    const meanwhile = await ask();
    expect([meanwhile.body.provenance.path, meanwhile.body.rows]).to.deep.equal(['definition', rows]);
    // What is summed from the records has a tag of its own.
    expect(meanwhile.headers.get('etag')).not.to.equal(before.headers.get('etag'));
    mirror.start();
    await inStep(api);
    const then = await ask();
    expect([then.body.provenance.path, then.body.rows]).to.deep.equal(['mirror', rows]);
  });
});
