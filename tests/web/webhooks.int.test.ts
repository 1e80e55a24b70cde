import { expect } from 'chai';
import { poll } from '../../src/databases/embedded/processes.js';
import { mostWebhooks } from '../../src/domains/messages/webhooks/webhooks.service.js';
import { answer, isSigned, startReceiver, type Receiver } from '../messages/webhooks/receiver.js';
import { startApi, type TestApi } from '../support/api.js';
import { createVisitor, newGuest, visitorOf, words, type Visitor } from './visitor.js';

/* Addresses are numbers here: no test asks the DNS. */
const outside = 'https://1.1.1.1/hook';

describe('the pages of webhooks', function () {
  this.timeout(120_000);
  let api: TestApi;
  let visitor: Visitor;
  before(async () => void (api = await startApi()));
  after(() => api?.stop());
  beforeEach(async () => void (visitor = await visitorOf(api, 'manager')));

  const webhooks = () => api.system.around.stores.connection.collection('webhooks');
  const add = async (fields: Record<string, string>, by = visitor) =>
    by.submit(await by.get('/webhooks'), '/webhooks', fields);
  const addressIn = (text: string): string => /href="(\/webhooks\/[^"]+)"/.exec(text)![1]!;
  const press = async (page: string, button: string, by = visitor) =>
    by.submit(await by.get(page), `${page}/${button}`);

  it('SUP-9, WEB-4: one is added, with its topics, and its secret is shown this once', async () => {
    const added = await add({ url: outside, topic_target: 'yes' });
    expect(added.status).to.equal(200);
    expect(added.headers.get('cache-control')).to.equal('no-store');
    const [secret] = /whsec_[\w+/]+=*/.exec(added.text)!;
    const list = await visitor.get('/webhooks');
    expect(words(list)).to.contain(`${outside} On A target is met, A target is missed`);
    const one = await visitor.get(addressIn(list.text));
    expect(list.text + one.text).not.to.contain(secret);
    expect(await webhooks().countDocuments({ kinds: ['target.met', 'target.missed'] })).to.equal(1);
    await add({ url: `${outside}/all` });
    expect(words(await visitor.get('/webhooks'))).to.contain(`${outside}/all On All notifications`);
  });

  it('SUP-9, WEB-4: who sets targets, and who reads notices, is led there; each is offered what they are told of', async () => {
    for (const from of ['/reports/targets', '/my/notices'])
      expect((await visitor.get(from)).text, from).to.contain('href="/webhooks"');
    expect(words(await visitor.get('/webhooks')))
      .to.contain('Targets that are met')
      .and.not.contain('Visits');
    const { visitor: patient } = await newGuest(api);
    expect(words(await patient.get('/webhooks')))
      .to.contain('Visits that are')
      .and.not.contain('Targets');
    expect((await createVisitor(api).get('/webhooks')).to).to.match(/^\/sign-in/);
  });

  it('SUP-9, WEB-4: what is no address is said beside it, what was typed stays, and nothing is stored', async () => {
    const before = await webhooks().countDocuments();
    for (const [url, said] of [
      ['', 'The address is required.'],
      ['nowhere', 'The address must be an address like https://'],
      ['http://1.1.1.1/hook', 'The address must begin with https://.'],
      [
        'https://127.0.0.1:8443/hook',
        'The address must name a host that is on the public internet just now.',
      ],
      ['https://169.254.169.254/', 'The address must name a host that is on the public internet just now.'],
      ['https://me:secret@1.1.1.1/', 'The address must hold no user and no password.'],
      ['https://1.1.1.1:22/', 'The address must have the port 443, or one from 1024 on.'],
    ] as const) {
      const shown = await add({ url, topic_report: 'yes' });
      expect(shown.status, url).to.equal(400);
      expect(words(shown), url).to.contain(said);
      expect(shown.text, url)
        .to.match(/id="url-mistake"/)
        .and.match(/name="topic_report"[^>]*checked/);
      if (url !== '') expect(shown.text).to.contain(`value="${url}"`);
    }
    expect((await add({ url: outside, topic_none: 'yes' })).status).to.equal(400);
    expect(await webhooks().countDocuments()).to.equal(before);
    for (let n = 0; n < mostWebhooks; n += 1) await add({ url: `${outside}/${n}` });
    const full = await add({ url: outside });
    expect(full.status).to.equal(409);
    expect(words(full)).to.contain('You have as many webhooks as an account may have.');
    expect(full.text).to.contain('id="url-mistake"');
    expect(await webhooks().countDocuments()).to.equal(before + mostWebhooks);
  });

  it('SUP-9, WEB-4: is turned off and on, given another secret, and removed, by its owner alone', async () => {
    await add({ url: outside });
    const one = addressIn((await visitor.get('/webhooks')).text);
    const { visitor: other } = await newGuest(api);
    expect((await other.get(one)).status).to.equal(404);
    for (const step of ['off', 'on', 'test', 'rotate', 'remove'])
      expect((await other.post(`${one}/${step}`)).status, step).to.equal(404);
    expect((await press(one, 'off')).to).to.equal(one);
    expect(words(await visitor.get(one))).to.contain('Off Nothing is sent.');
    expect((await press(one, 'on')).to).to.equal(one);
    const rotated = await press(one, 'rotate');
    expect(rotated.text).to.match(/whsec_/);
    expect(words(rotated)).to.contain('The one before signs too until');
    expect((await press(one, 'remove')).to).to.equal('/webhooks');
    expect((await visitor.get(one)).status).to.equal(404);
    expect(words(await visitor.get('/webhooks'))).to.contain('None yet.');
  });
});

describe('the messages of a webhook on its page', function () {
  this.timeout(120_000);
  let api: TestApi;
  let receiver: Receiver;
  before(async () => {
    [api, receiver] = await Promise.all([startApi({ WEBHOOK_PRIVATE_HOSTS: 'true' }), startReceiver()]);
  });
  after(async () => {
    await receiver?.stop();
    await api?.stop();
  });

  it('SUP-9, WEB-4: what never arrived is listed with why, and is sent again, under the secret that was shown', async () => {
    const visitor = await visitorOf(api, 'manager');
    const added = await visitor.submit(await visitor.get('/webhooks'), '/webhooks', { url: receiver.url });
    const [secret] = /whsec_[\w+/]+=*/.exec(added.text)!;
    const one = /href="(\/webhooks\/[^"]+)"/.exec(added.text)![1]!;
    const becomes = async (said: string) =>
      expect(await poll(async () => words(await visitor.get(one)).includes(said), 30_000), said).to.equal(
        true,
      );

    receiver.respond = answer(503);
    await visitor.submit(await visitor.get(one), `${one}/test`);
    await becomes('Never arrived Answered with status 503, after 1 attempt.');
    const failed = await visitor.get(`${one}?status=failed`);
    expect(words(failed)).to.contain('Send again : A test');
    const [, again] = /action="([^"]+\/retry)"/.exec(failed.text)!;

    receiver.respond = answer(204);
    expect((await visitor.submit(failed, again!)).to).to.equal(one);
    await becomes('A test');
    await becomes('Arrived');
    expect(words(await visitor.get(`${one}?status=failed`))).to.contain('None: everything has arrived');
    const [first, second] = receiver.received;
    expect(second!.id).to.equal(first!.id);
    expect(isSigned(second!, secret)).to.equal(true);

    const twice = await visitor.post(again!);
    expect(twice.status).to.equal(409);
    expect(words(twice)).to.contain('That was not done').and.contain('it has not failed');
    const { visitor: other } = await newGuest(api);
    expect((await other.post(again!)).status).to.equal(404);
    expect((await visitor.get(`${one}?status=lost`)).status).to.equal(400);
    expect((await visitor.get(`${one}?cursor=none`)).status).to.equal(400);
  });
});
