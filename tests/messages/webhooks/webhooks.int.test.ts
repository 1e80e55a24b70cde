import { expect } from 'chai';
import { mostWebhooks } from '../../../src/domains/messages/webhooks/webhooks.service.js';
import { roles } from '../../../src/lib/actor.js';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem, expectSameRefusal, newPatient, type Account } from '../../support/people.js';

/* Addresses are numbers here: no test asks the DNS, and nothing is sent to them. */
const url = 'https://1.1.1.1/hook';

describe('webhooks', function () {
  this.timeout(60_000);
  let api: TestApi;
  let patient: Account;
  let token: string;

  before(async () => void (api = await startApi()));
  after(() => api?.stop());
  beforeEach(async () => {
    patient = await newPatient(api);
    ({ token } = patient);
  });

  const create = (body: object = { url }) => api.post('/webhooks', { token, body });
  const webhooks = () => api.system.around.stores.connection.collection('webhooks');
  const made = async (body?: object) => (await create(body)).body;

  describe('POST /webhooks', () => {
    it('SUP-9: makes one of all kinds, and shows its secret this once', async () => {
      const { status, headers, body } = await create();
      expect(status).equal(201);
      expect(headers.get('location')).equal(`/api/webhooks/${body.webhook_id}`);
      expect(headers.get('cache-control')).equal('no-store');
      const { secret, ...rest } = body;
      expect(secret).to.match(/^whsec_[A-Za-z0-9+/]{43}=$/);
      expect(rest).to.deep.include({ url, kinds: null, is_active: true, failures: 0, version: 1 });
      expect((await api.get(`/webhooks/${body.webhook_id}`, { token })).body).deep.equal(rest);
      expect((await api.get('/webhooks', { token })).body.items).deep.equal([rest]);
    });

    it('SUP-9: keeps the secret sealed', async () => {
      const { webhook_id, secret } = await made();
      const stored = await webhooks().findOne({ _id: webhook_id });
      expect(stored).to.include({ user_id: patient.user_id });
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64').toString('latin1');
      expect(JSON.stringify(stored)).not.include('whsec').and.not.include(secret.slice(6, 20));
      expect(Buffer.from(stored!['sealed_secret'], 'base64').toString('latin1')).not.include(key);
    });

    it('SUP-9: is for any role, with the kinds that it wants, each once', async () => {
      for (const role of roles.filter((one) => !['patient', 'doctor', 'receptionist'].includes(one))) {
        const account = await api.make.account(role);
        const kinds = ['report.delivered', 'report.not_delivered', 'report.delivered'];
        const { status, body } = await api.post('/webhooks', { token: account.token, body: { url, kinds } });
        expect(status, role).equal(201);
        expect(body.kinds).deep.equal(['report.delivered', 'report.not_delivered']);
      }
    });

    it('SUP-9: refuses what is no https address of the public internet, and stores nothing', async () => {
      for (const wrong of [
        ...[
          '',
          'x',
          'example.com',
          '//1.1.1.1/',
          'https://',
          'http://1.1.1.1/',
          'ftp://1.1.1.1/',
          'javascript:1',
        ],
        ...[
          'https://user:secret@1.1.1.1/',
          'https://1.1.1.1/#x',
          'https://1.1.1.1:22/',
          'https://1.1.1.1:80/',
        ],
        ...[
          'https://127.0.0.1/',
          'https://127.1/',
          'https://0x7f000001/',
          'https://2130706433/',
          'https://0/',
        ],
        ...[
          'https://[::1]/',
          'https://[::ffff:127.0.0.1]/',
          'https://[64:ff9b::7f00:1]/',
          'https://[fd00::1]/',
        ],
        ...['https://10.0.0.1/', 'https://169.254.169.254/latest/meta-data/', 'https://192.168.0.1:8443/'],
        ...[
          'https://localhost/',
          'https://localhost:5000/',
          'https://api.localhost/',
          'https://no-such.invalid/',
        ],
        `https://1.1.1.1/${'x'.repeat(2000)}`,
      ]) {
        const answer = await create({ url: wrong });
        expectProblem(answer, 400, 'invalid_request');
        expect(answer.body.errors[0].pointer, wrong).equal('/body/url');
      }
      expect((await api.get('/webhooks', { token })).body.items).deep.equal([]);
    });

    it('SUP-9: refuses kinds that there are not, and none', async () => {
      for (const kinds of [['appointment'], ['webhook.test'], [], 'payment.paid'])
        expectProblem(await create({ url, kinds }), 400, 'invalid_request');
    });

    it(`SUP-9: makes ${mostWebhooks} for a user at the most, also when they are asked for at once`, async () => {
      const answers = await Promise.all(Array.from({ length: mostWebhooks + 3 }, () => create()));
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses.filter((status) => status === 201)).to.have.length(mostWebhooks);
      expectProblem(await create(), 409, 'too_many_webhooks');
      const [first] = (await api.get('/webhooks', { token })).body.items;
      expect((await api.delete(`/webhooks/${first.webhook_id}`, { token })).status).equal(204);
      expect((await create()).status).equal(201);
      const other = await newPatient(api);
      expect((await api.post('/webhooks', { token: other.token, body: { url } })).status).equal(201);
    });
  });

  it('SUP-9: are listed page by page, the newest first', async () => {
    const ids: string[] = [];
    for (let nth = 0; nth < 3; nth++) ids.unshift((await made()).webhook_id as string);
    const first = (await api.get('/webhooks?limit=2', { token })).body;
    const second = (await api.get(`/webhooks?limit=2&cursor=${first.next_cursor}`, { token })).body;
    const found = [...first.items, ...second.items].map(({ webhook_id }) => webhook_id as string);
    expect(found).deep.equal(ids);
    expectProblem(await api.get('/webhooks?cursor=x', { token }), 400, 'invalid_cursor');
  });

  it('SUP-9: are changed by their owner, field by field, at the version that was read', async () => {
    const { webhook_id } = await made();
    const path = `/webhooks/${webhook_id}`;
    const change = (body: object, headers = {}) => api.patch(path, { token, body, headers });
    expect((await change({ kinds: ['payment.paid'] })).body).to.deep.include({
      kinds: ['payment.paid'],
      url,
      version: 2,
    });
    expect((await change({ is_active: false })).body).to.deep.include({
      is_active: false,
      kinds: ['payment.paid'],
    });
    const moved = await change({ url: 'https://1.0.0.1:8443/x', kinds: null }, { 'if-match': '"v3"' });
    expect(moved.body).to.deep.include({ url: 'https://1.0.0.1:8443/x', kinds: null, version: 4 });
    expectProblem(await change({ is_active: true }, { 'if-match': '"v3"' }), 412, 'stale_version');
    expectProblem(await api.delete(path, { token, headers: { 'if-match': '"v3"' } }), 412, 'stale_version');
    const refused = await change({ url: 'https://127.0.0.1/' });
    expectProblem(refused, 400, 'invalid_request');
    expect(refused.body.errors[0].pointer).equal('/body/url');
    expect((await api.get(path, { token })).body).to.deep.include({
      url: 'https://1.0.0.1:8443/x',
      is_active: false,
    });
  });

  it('SUP-9: get a new secret, which is shown once too', async () => {
    const { webhook_id, secret } = await made();
    const path = `/webhooks/${webhook_id}`;
    const { status, body } = await api.post(`${path}/rotate-secret`, { token });
    expect(status).equal(200);
    expect(body.secret)
      .to.match(/^whsec_/)
      .and.not.equal(secret);
    const left = Date.parse(body.previous_until) - Date.now();
    expect(left).within(86_000_000, 86_400_000);
    expect((await api.get(path, { token })).body).not.to.have.property('secret');
  });

  it('SUP-9: are nobody else’s, an admin’s neither', async () => {
    const { webhook_id } = await made();
    // To one that is not to be sent anything: only its delivery is looked at.
    await webhooks().updateOne({ _id: webhook_id }, { $set: { url: 'https://127.0.0.1/' } });
    const { body: delivery } = await api.post(`/webhooks/${webhook_id}/test`, { token });
    const others = [(await newPatient(api)).token, await api.as('admin')];
    for (const other of others) {
      const ask = (method: string, path: string, body?: object) =>
        api.request(method, path, { token: other, ...(body && { body }) });
      for (const [method, rest, body] of [
        ['GET', ''],
        ['PATCH', '', { is_active: false }],
        ['DELETE', ''],
        ['POST', '/rotate-secret'],
        ['POST', '/test'],
        ['GET', '/deliveries'],
      ] as const)
        expectSameRefusal(
          await ask(method, `/webhooks/${webhook_id}${rest}`, body),
          await ask(method, `/webhooks/WH-none${rest}`, body),
        );
      const id = delivery.webhook_delivery_id as string;
      for (const [method, rest] of [
        ['GET', ''],
        ['POST', '/retry'],
      ] as const)
        expectSameRefusal(
          await ask(method, `/webhook-deliveries/${id}${rest}`),
          await ask(method, `/webhook-deliveries/WD-none${rest}`),
        );
      expect((await ask('GET', '/webhooks')).body.items).deep.equal([]);
    }
    expect((await api.get(`/webhooks/${webhook_id}`, { token })).body.is_active).equal(true);
  });

  it('SUP-9: are gone when they are removed', async () => {
    const { webhook_id } = await made();
    expect((await api.delete(`/webhooks/${webhook_id}`, { token })).status).equal(204);
    for (const path of [`/webhooks/${webhook_id}`, `/webhooks/${webhook_id}/deliveries`])
      expectProblem(await api.get(path, { token }), 404, 'not_found');
    expectProblem(await api.delete(`/webhooks/${webhook_id}`, { token }), 404, 'not_found');
  });
});
