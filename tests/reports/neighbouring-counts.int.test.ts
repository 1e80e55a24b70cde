import { expect } from 'chai';
import type { Document } from 'mongodb';
import { startApi, type TestApi } from '../support/api.js';
import { addBills, fillStores } from './reports-fixture.js';
import { visitorOf, words } from '../web/visitor.js';
import { diseases, months, sparseRecords } from './sparse-records.js';

const below = 5;

type Filter = Readonly<Record<string, string>>;
interface Asked {
  readonly filter: Filter;
  /** Months from, to; an end that is left open is beyond all of them. */
  readonly from: number;
  readonly to: number;
  /** Places that are within one another are each a part of the text before. */
  readonly place: string;
  /** `all` holds every kind. */
  readonly kind: string;
}
type Row = Readonly<Record<string, string | number | null>>;
interface Answered extends Asked {
  readonly rows: ReadonlyMap<string, Row>;
}

describe('REP-11: small counts and the answers to neighbouring questions', function () {
  this.timeout(600_000);
  let api: TestApi;
  let manager: string;
  let admin: string;
  /** By the path through the places: region, hospital, department. */
  const places = new Map<string, Filter>([['', {}]]);
  /** What was put into the stores, by the figures that are made of it. */
  const stored: Record<string, Document[]> = {};

  before(async () => {
    api = await startApi({ SMALL_CELLS: String(below), MIRROR_MEGABYTES: '256' });
    [manager, admin] = [await api.as('manager'), await api.as('admin')];
    const departments: { hospital_id: string; department_id: string }[] = [];
    for (const [region, count] of Object.entries({ North: 2, South: 1 })) {
      places.set(`/${region}`, { region });
      for (let n = 0; n < count; n++) {
        const { hospital_id } = await api.make.hospital({ region });
        places.set(`/${region}/${hospital_id}`, { hospital_id });
        for (let m = 0; m < (n === 0 ? 2 : 1); m++) {
          const { department_id } = await api.make.department({ hospital_id });
          departments.push({ hospital_id, department_id });
          places.set(`/${region}/${hospital_id}/${department_id}`, { department_id });
        }
      }
    }
    const { visits, prescriptions, patients, bills } = sparseRecords(departments);
    Object.assign(stored, { appointments: visits, prescriptions, diagnoses: patients });
    await fillStores(api, { appointments: visits, prescriptions, patients }, []);
    await addBills(api, bills);
  });
  after(() => api.stop());

  const asks: Readonly<Record<string, readonly Filter[]>> = {
    'drug-spend': [{}],
    'average-prescription-cost': [{ kind: 'all' }, { kind: 'prescription' }],
    'disease-trends': [{ basis: 'prescriptions' }, { basis: 'appointments' }, { basis: 'diagnoses' }],
  };

  const periods = [
    { from: 0, to: 9 },
    ...[0, 1, 2].flatMap((from) => [1, 2, 3].filter((to) => to > from).map((to) => ({ from, to }))),
    { from: 1, to: 9 },
    { from: -1, to: 2 },
    { from: -1, to: 9 },
  ];

  const pathOf = (report: string, { filter, from, to, place }: Asked, more: Filter = {}): string => {
    const period = {
      ...(from >= 0 && { from: months[from]! }),
      ...(to < 9 && { to: months[to] ?? '2025-04-01' }),
    };
    const query = new URLSearchParams({ ...period, ...places.get(place), ...filter, ...more });
    return `/reports/${report}?${query.toString()}`;
  };
  const nameOf = (row: Row): string => String(row['disease'] ?? row['drug']);

  async function answer(report: string, asked: Asked, token = manager): Promise<Answered> {
    const { status, body } = await api.get(pathOf(report, asked), { token });
    expect(status, `${pathOf(report, asked)} ${JSON.stringify(body)}`).to.equal(200);
    const hidden = (body.small_cells?.hidden_rows ?? 0) as number;
    const shown = (body.rows as Row[]).slice(0, body.rows.length - hidden);
    return { ...asked, rows: new Map(shown.map((row) => [nameOf(row), row])) };
  }

  async function answers(report: string): Promise<Answered[]> {
    const all: Answered[] = [];
    for (const filter of asks[report]!)
      for (const place of filter['basis'] === 'diagnoses' ? [''] : places.keys())
        for (const period of periods)
          all.push(
            await answer(report, {
              ...period,
              ...{ filter, place, kind: filter['kind'] ?? filter['basis'] ?? '' },
            }),
          );
    return all;
  }

  const isPart = (part: Asked, whole: Asked): boolean =>
    part !== whole &&
    part.from >= whole.from &&
    part.to <= whole.to &&
    part.place.startsWith(whole.place) &&
    (part.kind === whole.kind || whole.kind === 'all');

  const isIn = (one: Document, asked: Asked): boolean => {
    const begin = (one['date'] ??
      one['start_date'] ??
      one['diagnoses']?.[0].start_date ??
      null) as Date | null;
    if (begin === null) return asked.from < 0 && asked.to === 9;
    const month = begin.getUTCMonth();
    const place = Object.entries(places.get(asked.place)!);
    const isOf = ([name, value]: [string, string]): boolean =>
      name === 'region'
        ? [...places].some(
            ([path, { hospital_id }]) => path.startsWith(`/${value}/`) && hospital_id === one['hospital_id'],
          )
        : one[name] === value;
    return month >= asked.from && month < asked.to && place.every(isOf);
  };

  /** How many people the whole counts beside the part. */
  function peopleBeside(name: string, whole: Asked, part: Asked): number {
    const records = stored[whole.filter['basis'] ?? 'prescriptions']!;
    const beside = records.filter(
      (one) =>
        name === (one['diagnoses']?.[0].disease ?? one['disease']) && isIn(one, whole) && !isIn(one, part),
    );
    return new Set(beside.map((one) => (one['patient_id'] ?? one['_id']) as string)).size;
  }

  for (const [report, counts] of Object.entries({
    'drug-spend': ['prescriptions', 'patients'],
    'average-prescription-cost': ['patients', 'prescriptions', 'billed_rows'],
    'disease-trends': ['patients', 'episodes'],
  })) {
    it(`REP-11: of ${report}, no two answers to a manager differ by a small count`, async () => {
      const all = await answers(report);
      const told: string[] = [];
      let compared = 0;
      for (const whole of all)
        for (const part of all.filter((one) => isPart(one, whole)))
          for (const [name, row] of whole.rows)
            for (const count of counts) {
              const counted = part.rows.get(name)?.[count];
              if (counted === undefined) continue;
              compared += 1;
              const rest = Number(row[count]) - Number(counted);
              // People are counted once: who is nowhere else may be few, where those beside the part are many.
              const isMany =
                count === 'patients' && peopleBeside(name.replace('Drug for ', ''), whole, part) >= below;
              if (rest > 0 && rest < below && !isMany)
                told.push(`${name} ${count} ${rest}: ${pathOf(report, whole)} less ${pathOf(report, part)}`);
            }
      expect(compared).to.be.greaterThan(100);
      if (report === 'disease-trends')
        for (const { rows } of all)
          for (const row of rows.values()) expect(row['open_excluded']).to.equal(null);
      expect(told.length, told.slice(0, 5).join('\n')).to.equal(0);
      // No more is hidden than that: there are large ones.
      expect(all.filter(({ rows }) => rows.size > 0).length).to.be.greaterThan(all.length / 4);
    });
  }

  it('REP-11: a filter by disease shows no row that is hidden without it, and no limit does', async () => {
    const asked = { filter: { kind: 'prescription' }, from: 0, to: 3, kind: '' };
    for (const place of places.keys()) {
      const all = await answer('average-prescription-cost', { ...asked, place });
      for (const disease of diseases) {
        const path = pathOf('average-prescription-cost', { ...asked, place }, { disease });
        const { body } = await api.get(path, { token: manager });
        expect(body, path).not.to.have.any.keys('totals', 'receipt');
        expect(body.provenance.rows_read).to.equal(null);
        const shown = body.rows.length - body.small_cells.hidden_rows;
        expect(shown, path).to.equal(all.rows.has(disease) ? 1 : 0);
        if (shown > 0) expect(body.rows[0]).to.deep.equal(all.rows.get(disease));
      }
    }
  });

  it('REP-11, REP-13: a manager is refused several values of a place, in every report, and the page offers one', async () => {
    const two = (name: string): string => {
      const values = [...places.values()].flatMap((filter) => filter[name] ?? []);
      return `${name}=${[...new Set(values)].slice(0, 2).join(',')}`;
    };
    const visitor = await visitorOf(api, 'manager');
    for (const { id } of api.system.parts.reports.reports) {
      const basis = id === 'disease-trends' ? '&basis=prescriptions' : '';
      for (const name of ['region', 'hospital_id', 'department_id']) {
        const path = `/reports/${id}?from=2025-01-01&to=2026-01-01&${two(name)}${basis}`;
        const { status, body } = await api.get(path, { token: manager });
        expect([path, status, body.errors?.[0].pointer]).to.deep.equal([path, 400, `/query/${name}`]);
        expect(body.errors[0].message).to.include('takes one value');
        expect((await api.get(path, { token: admin })).status, path).to.equal(200);
      }
      // A value that stands twice is one.
      const [hospital_id] = [...places.values()].flatMap((filter) => filter['hospital_id'] ?? []);
      const twice = `/reports/${id}?from=2025-01-01&to=2026-01-01&hospital_id=${hospital_id},${hospital_id}${basis}`;
      expect((await api.get(twice, { token: manager })).status, twice).to.equal(200);
    }
    const page = '/reports/monthly-appointments-trend';
    const offered = await visitor.get(`${page}?region=North`);
    expect(offered.text)
      .to.match(/<select id="hospital_id"/)
      .and.not.to.include('type="checkbox" id="hospital_id');
    const refused = await visitor.get(`${page}?region=North,South`);
    expect(refused.status).to.equal(400);
    expect(words(refused)).to.include('Region takes one value');
    const seesAll = await (await visitorOf(api, 'admin')).get(`${page}?region=North,South`);
    expect([seesAll.status, /<select id="hospital_id"/.test(seesAll.text)]).to.deep.equal([200, false]);
  });

  it('REP-11: a manager is refused, by name, the questions whose answers would differ by few', async () => {
    for (const [query, pointer] of [
      ['drug-spend?from=2025-01-02', '/query/from'],
      ['average-prescription-cost?to=2025-03-31', '/query/to'],
      ['drug-spend?as_of=2025-03-01', '/query/as_of'],
      ['disease-trends?basis=prescriptions&gap_days=3', '/query/gap_days'],
      [`drug-spend?doctor_id=${(await api.make.doctor()).doctor_id}`, '/query/doctor_id'],
    ] as const) {
      const { status, body } = await api.get(`/reports/${query}`, { token: manager });
      expect([status, body.errors?.[0].pointer], query).to.deep.equal([400, pointer]);
      expect((await api.get(`/reports/${query}`, { token: admin })).status, query).to.equal(200);
    }
  });

  it('REP-11: summed from the records, the same rows are hidden', async () => {
    const without = { filter: {}, from: 0, to: 3, place: '', kind: '' };
    const before = await answer('drug-spend', without);
    const mirror = api.system.parts.mirror!;
    await mirror.stop();
    const { body } = await api.get(pathOf('drug-spend', without), { token: manager });
    expect(body.provenance.path).to.equal('definition');
    const shown = (body.rows as Row[]).slice(0, body.rows.length - body.small_cells.hidden_rows);
    expect(shown).to.deep.equal([...before.rows.values()]);
  });

  it('PAT-8: a disease leads a manager to counts by month and hospital, without small ones and without anybody', async () => {
    for (const [report, filter] of [
      ['drug-spend', {}],
      ['average-prescription-cost', {}],
      ['disease-trends', { basis: 'prescriptions' }],
      ['disease-trends', { basis: 'appointments' }],
      ['disease-trends', { basis: 'diagnoses' }],
    ] as const) {
      const drill = JSON.stringify(
        report === 'drug-spend' ? { drug: 'Drug for Asthma' } : { disease: 'Asthma' },
      );
      const path = pathOf(report, { filter, from: 0, to: 3, place: '', kind: '' }, { drill, limit: '100' });
      const { status, body } = await api.get(path, { token: manager });
      expect(status, `${path} ${JSON.stringify(body)}`).to.equal(200);
      expect(body.rows).not.to.have.length(0);
      const shown = (body.rows as Row[]).slice(0, body.rows.length - body.small_cells.hidden_rows);
      for (const row of body.rows)
        expect(Object.keys(row)).to.deep.equal(['month', 'hospital_id', 'records', 'patients']);
      for (const { records, patients } of shown)
        expect([records, patients].every((count) => Number(count) >= below)).to.equal(true);
      expect(JSON.stringify(body.rows)).not.to.match(/"P\d/);
      const csv = (await api.get(`${path}&format=csv`, { token: manager })).body as string;
      expect(csv.trim().split('\r\n')).to.have.length(body.rows.length + 1);
      const records = (await api.get(path, { token: admin })).body.rows as Row[];
      expect(records[0]).to.have.property('patient_id');
      if (filter && 'basis' in filter && filter.basis === 'diagnoses') continue;
      for (const { month, hospital_id, records: count } of shown)
        expect(count).to.be.at.least(
          records.filter(
            (one) =>
              one['hospital_id'] === hospital_id &&
              String(one['start_date'] ?? one['date']).startsWith(String(month)),
          ).length,
        );
    }
  });

  it('PAT-8: the pages of a drill-down answer counts in pages, and refuse a cursor of another list', async () => {
    const asked = { filter: {}, from: 0, to: 3, place: '', kind: '' };
    const drill = JSON.stringify({ drug: 'Drug for Asthma' });
    const all = (await api.get(pathOf('drug-spend', asked, { drill, limit: '100' }), { token: manager }))
      .body;
    const found: Row[] = [];
    let hidden = 0;
    for (let cursor: string | null = ''; cursor !== null;) {
      const more: Filter = { drill, limit: '2', ...(cursor && { cursor }) };
      const { body } = await api.get(pathOf('drug-spend', asked, more), { token: manager });
      found.push(...(body.rows as Row[]));
      hidden += body.small_cells.hidden_rows as number;
      cursor = body.next_cursor as string | null;
    }
    expect(found).to.deep.equal(all.rows);
    expect(hidden).to.equal(all.small_cells.hidden_rows);
    const { body } = await api.get(pathOf('drug-spend', asked, { drill, cursor: 'abc' }), { token: manager });
    expect(body.code).to.equal('invalid_cursor');
  });
});
