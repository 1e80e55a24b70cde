import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { startFixture, type Fixture } from './fixture.js';

describe('reconciliation: what would be refused today', () => {
  let api: TestApi;
  let on: Fixture;
  before(async () => {
    api = await startApi();
    on = await startFixture(api);
  });
  after(() => api.stop());

  it('PAT-10, NET-1: is kept, listed by record and field without its words, and gone when it is corrected', async () => {
    const token = await api.as('admin');
    const { patient_id } = await api.make.patient();
    const { hospital_id } = await api.make.hospital();
    const { department_id } = await api.make.department({ hospital_id });
    const { doctor_id } = await api.make.doctor({ department_id });
    const kind = 'not_accepted_today';
    expect((await on.look(kind)).found).to.equal(0);

    const set = (collection: string, _id: string, fields: object) =>
      on.mongo(collection).updateOne({ _id }, { $set: fields });
    await set('patients', patient_id, { name: 'Jos\u{fffd}', 'contact.phone': 'no number' });
    await set('hospitals', hospital_id, { name: '\u200b', time_zone: 'UTC+5:30' });
    await set('departments', department_id, { department_name: 'Ward\n7' });
    await set('doctors', doctor_id, { name: 'Dr\u0007' });

    const report = await on.look(kind, true);
    expect([report.found, report.repaired, report.left]).to.deep.equal([4, 0, 4]);
    const details = Object.fromEntries(report.examples.map(({ id, detail }) => [id, detail]));
    expect(details).to.deep.equal({
      [`patient ${patient_id}`]:
        'name holds U+FFFD, which stands for what could not be read; contact.phone cannot be a telephone number',
      [`hospital ${hospital_id}`]:
        'name must have something visible; time_zone is not the name of a time zone of the IANA database',
      [`department ${department_id}`]: 'department_name must be one line without control characters',
      [`doctor ${doctor_id}`]: 'name must be one line without control characters',
    });
    expect((await api.get(`/patients/${patient_id}`, { token })).body.name).to.equal('Jos\u{fffd}');

    for (const [path, body] of [
      [`/patients/${patient_id}`, { name: 'José', contact: { phone: '+1 212-555-0142' } }],
      [`/hospitals/${hospital_id}`, { name: 'City', time_zone: 'Asia/Kolkata' }],
      [`/departments/${department_id}`, { department_name: 'Ward 7' }],
      [`/doctors/${doctor_id}`, { name: 'Dr Bell' }],
    ] as const)
      expect((await api.patch(path, { token, body })).status, path).to.equal(200);
    expect((await on.look(kind)).found).to.equal(0);
  });
});
