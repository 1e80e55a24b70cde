import { expect } from 'chai';
import { isAvailable, localTime } from '../../../src/domains/network/doctors/doctors.availability.js';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { isAvailableAt } from './on-duty.js';

describe('GET /doctors', () => {
  let api: TestApi;

  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());
  afterEach(() => api.clock.set(undefined));

  const idsOf = (answer: Answer): string[] => {
    expect(answer.status).to.equal(200);
    return answer.body.items.map((item: { doctor_id: string }) => item.doctor_id);
  };
  const list = async (query: string): Promise<string[]> =>
    idsOf(await api.get(`/doctors?limit=100&${query}`));
  const idOf = async (fields: object): Promise<string> => (await api.make.doctor({ ...fields })).doctor_id;

  it('DOC-2: filters by specialty and by department', async () => {
    const { department_id } = await api.make.department();
    const one = await idOf({ department_id, specialty: 'Nephrology' });
    const other = await idOf({ department_id, specialty: 'Urology' });
    expect(await list('specialty=Nephrology')).to.deep.equal([one]);
    expect(await list(`department_id=${department_id}`)).to.have.members([one, other]);
    expect(await list(`department_id=${department_id}&specialty=Urology`)).to.deep.equal([other]);
    expect(await list('specialty=None')).to.deep.equal([]);
  });

  it('NET-1: filters by hospital and by region', async () => {
    const { hospital_id } = await api.make.hospital({ region: 'Islands' });
    const { department_id } = await api.make.department({ hospital_id });
    const id = await idOf({ department_id });
    expect(await list(`hospital_id=${hospital_id}`)).to.deep.equal([id]);
    expect(await list('region=Islands')).to.deep.equal([id]);
    expect(await list('region=Nowhere')).to.deep.equal([]);
    expect(await list('region=Nowhere&available=true')).to.deep.equal([]);
    expect(await list('region=Nowhere&available_at=2026-12-01T09:00:00Z')).to.deep.equal([]);
  });

  it('DOC-2: finds all the words of a name, in any order, case or accent; no operator among them', async () => {
    const jose = await idOf({ name: 'Dr José Will Ortega' });
    const ann = await idOf({ name: 'Dr Ann Ortega-Smith' });
    expect(await list('q=ortega')).to.have.members([jose, ann]);
    expect(await list('q=ORTEGA%20jose')).to.deep.equal([jose]);
    expect(await list('q=will')).to.deep.equal([jose]);
    expect(await list('q=ann%20jose')).to.deep.equal([]);
    expect(await list('q=ortega%20-ann')).to.deep.equal([ann]);
    expect(await list('q=%22')).to.deep.equal([]);
  });

  it('DOC-2: pages through all once, by name, also with equal names, and with a search', async () => {
    const { department_id } = await api.make.department();
    const made: string[] = [];
    for (const name of ['Same Name', 'Same Name', 'Same Name', 'Zed Name', 'Abe Name'])
      made.push(await idOf({ department_id, name }));
    for (const q of ['', '&q=name', '&available=true&available_at=2026-12-01T09:00:00Z']) {
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const paging = `limit=2${cursor && `&cursor=${cursor}`}`;
        const answer: Answer = await api.get(`/doctors?department_id=${department_id}${q}&${paging}`);
        seen.push(...idsOf(answer));
        cursor = answer.body.next_cursor;
      }
      expect(seen).to.have.members(made).and.length(made.length);
      expect([seen[0], seen[4]]).to.deep.equal([made[4], made[3]]);
    }
  });

  it('DOC-2: available are the registered, on the last day too, who accept', async () => {
    api.clock.set(new Date('2026-11-21T12:00:00Z'));
    const { department_id } = await api.make.department();
    const lastDay = await idOf({ department_id, registration_expiry: '2026-11-21' });
    const expired = await idOf({ department_id, registration_expiry: '2026-11-20' });
    const full = await idOf({ department_id, accepting: false });
    const where = `department_id=${department_id}`;
    expect(await list(`${where}&available=true`)).to.deep.equal([lastDay]);
    expect(await list(`${where}&available=false`)).to.have.members([expired, full]);
    expect(await list(where)).to.have.members([lastDay, expired, full]);
    for (const [id, available] of [
      [lastDay, true],
      [expired, false],
      [full, false],
    ] as const)
      expect((await api.get(`/doctors/${id}`)).body.available).to.equal(available);
  });

  it('NET-1: the last day of a registration ends when it ends at the hospital', async () => {
    const { hospital_id } = await api.make.hospital({ time_zone: 'Pacific/Honolulu' });
    const { department_id } = await api.make.department({ hospital_id });
    const id = await idOf({ department_id, registration_expiry: '2026-11-20' });
    api.clock.set(new Date('2026-11-21T09:59:00Z'));
    expect(await list(`department_id=${department_id}&available=true`)).to.deep.equal([id]);
    api.clock.set(new Date('2026-11-21T10:00:00Z'));
    expect(await list(`department_id=${department_id}&available=true`)).to.deep.equal([]);
  });

  it('DOC-2, BOOK-10: available_at says in MongoDB what the definition says, for any doctor, zone and time', async () => {
    const region = 'Everywhere';
    const zones = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'];
    const openings = [
      { operating_start_hour: '07:00', operating_end_hour: '21:30' },
      { operating_start_hour: '19:00', operating_end_hour: '07:30' },
    ];
    const windows = (start: string, end: string) => [1, 3, 5, 7].map((weekday) => ({ weekday, start, end }));
    const variants = [
      { availability: windows('00:00', '23:55') },
      { availability: windows('08:00', '12:00'), leave_days: ['2026-11-01', '2026-03-09'] },
      { availability: [...windows('06:00', '09:15'), ...windows('20:00', '22:00')] },
      { availability: windows('00:00', '23:55'), registration_expiry: '2026-11-01' },
      { availability: windows('00:00', '23:55'), accepting: false },
      { availability: windows('20:00', '08:00') },
      { availability: [] },
    ];
    const made: {
      zone: string;
      hours: (typeof openings)[0];
      record: { doctor_id: string; registration_expiry: string } & (typeof variants)[0];
    }[] = [];
    for (const time_zone of zones) {
      const { hospital_id } = await api.make.hospital({ region, time_zone });
      for (const hours of openings) {
        const { department_id } = await api.make.department({ hospital_id, ...hours });
        for (const fields of variants)
          made.push({ zone: time_zone, hours, record: await api.make.doctor({ department_id, ...fields }) });
      }
    }
    // Around the days on which the clocks change in two of the zones, and at odd minutes.
    const times = [
      '2026-03-07T12:30:00Z',
      '2026-03-08T18:00:00Z',
      '2026-11-01T05:30:00Z',
      '2026-11-01T12:00:00Z',
    ];
    const instants = times.flatMap((time) =>
      [0, 1, 2, 3, 4, 5].map((step) => new Date(Date.parse(time) + step * 5 * 3_600_000 + step * 900_000)),
    );
    const counts = new Set<number>();
    for (const at of instants) {
      const expected = made.filter(({ zone, hours, record }) => {
        const doctor = {
          ...(record as never as Parameters<typeof isAvailableAt>[0]),
          registration_expiry: new Date(record.registration_expiry),
          leave_days: (record as never as { leave_days: string[] }).leave_days.map((day) => new Date(day)),
        };
        return (
          isAvailableAt(doctor, hours, localTime(at, zone)) && isAvailable(doctor, localTime(at, zone).day)
        );
      });
      const found = await list(`region=${region}&available_at=${at.toISOString()}`);
      expect(found, at.toISOString()).to.have.members(expected.map(({ record }) => record.doctor_id));
      counts.add(found.length);
    }
    expect(counts.size, 'the times differ in who is there').to.be.greaterThan(2);
  });

  it('DOC-2: refuses what is not a filter with 400 that names it', async () => {
    const bad: [string, string][] = [
      ['specialty[$ne]=x', '/query/specialty[$ne]'],
      ['available=perhaps', '/query/available'],
      ['available_at=2026-12-01', '/query/available_at'],
      ['available_at=2026-12-01T25:00:00Z', '/query/available_at'],
      ['q=', '/query/q'],
      ['limit=0', '/query/limit'],
      ['registration_number=1', '/query/registration_number'],
    ];
    for (const [query, pointer] of bad) {
      const { status, body } = await api.get(`/doctors?${query}`);
      expect({ status, code: body.code }, query).to.deep.equal({ status: 400, code: 'invalid_request' });
      expect(body.errors[0].pointer).to.equal(pointer);
    }
    expect((await api.get('/doctors?cursor=bm9uZQ')).body.code).to.equal('invalid_cursor');
  });
});
