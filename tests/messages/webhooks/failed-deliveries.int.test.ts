import { expect } from 'chai';
import { mostFailures } from '../../../src/domains/messages/webhooks/webhooks.worker.js';
import type { TestApi } from '../../support/api.js';
import { expectProblem, newPatient } from '../../support/people.js';
import { bookedFor, tell } from '../notifications/tell.js';
import { useWebhooks, type Current } from './fixture.js';
import { answer, isSigned, neverAnswer, startReceiver, type Receiver } from './receiver.js';

const seconds = 1000;

describe('deliveries to webhooks that fail', function () {
  this.timeout(120_000);
  const { current, collection, work, deliveries, later, hook, becomes } = useWebhooks();
  let api: TestApi;
  let receiver: Receiver;
  let patient: Current['patient'];
  let token: string;
  beforeEach(() => void ({ api, receiver, patient, token } = current()));

  it('SUP-9: are sent again later under the same id, each attempt signed at its own time', async () => {
    receiver.respond = answer(500);
    const made = await hook();
    api.clock.set(new Date());
    await tell(api, bookedFor(patient));
    await becomes(made, { status: 'waiting', attempts: 1, last_status: 500, last_error: 'status' });
    await later(9 * seconds);
    expect(receiver.received).to.have.length(1);
    receiver.respond = answer(204);
    await later(4 * seconds);
    await becomes(made, { status: 'delivered', attempts: 2, last_status: 204, last_error: null });
    const [first, second] = receiver.received;
    expect(second!.id).equal(first!.id);
    expect(second!.body).equal(first!.body);
    const [at, again] = [first, second].map((one) => Number(one!.headers['webhook-timestamp']));
    expect(again! - at!).within(12, 14);
    expect(isSigned(second!, made.secret)).equal(true);
  });

  it('SUP-9: by no answer, or by a redirect, are sent again too', async () => {
    const made = await hook();
    receiver.respond = answer(302, { location: receiver.url });
    await tell(api, bookedFor(patient));
    await becomes(made, { status: 'waiting', last_status: 302, last_error: 'redirect' });
    receiver.respond = neverAnswer;
    await later(15 * seconds);
    await becomes(made, { status: 'waiting', attempts: 2, last_status: null, last_error: 'timeout' });
    receiver.respond = answer(200);
    await later(100 * seconds);
    await becomes(made, { status: 'delivered', attempts: 3 });
    expect(new Set(receiver.received.map(({ id }) => id)).size).equal(1);
  });

  it('SUP-9: eight times are in the list of those that failed, and sent again when somebody asks', async () => {
    // By its own status, an attempt that is over is known from one that is under way.
    receiver.respond = (...request) => answer(500 + receiver.received.length)(...request);
    const made = await hook();
    await tell(api, bookedFor(patient));
    for (let attempts = 1; attempts < 8; attempts++) {
      const { next_attempt_at } = await becomes(made, { attempts, last_status: 500 + attempts });
      api.clock.set(new Date(next_attempt_at as string));
      await work();
    }
    const failed = await becomes(made, { status: 'failed', attempts: 8, next_attempt_at: null });
    expect(await deliveries(made, '?status=failed')).to.have.length(1);
    expect(await deliveries(made, '?status=waiting')).deep.equal([]);
    expect((await api.get(`/webhooks/${made.webhook_id}`, { token })).body.failures).equal(1);

    const path = `/webhook-deliveries/${failed['webhook_delivery_id'] as string}`;
    receiver.respond = answer(204);
    const { status, headers, body } = await api.post(`${path}/retry`, { token });
    expect([status, headers.get('location'), body.attempts]).deep.equal([202, `/api${path}`, 0]);
    await becomes(made, { status: 'delivered', attempts: 1 });
    expect(new Set(receiver.received.map(({ id }) => id)).size).equal(1);
    expect((await api.get(`/webhooks/${made.webhook_id}`, { token })).body.failures).equal(0);
    expectProblem(await api.post(`${path}/retry`, { token }), 409, 'step_not_allowed');
  });

  it(`SUP-9: ${mostFailures} in a row turn the webhook off, and its owner is told`, async () => {
    receiver.respond = answer(500);
    const made = await hook({ kinds: ['appointment.booked'] });
    const path = `/webhooks/${made.webhook_id}`;
    await collection('webhooks').updateOne(
      { _id: made.webhook_id },
      { $set: { failures: mostFailures - 2 } },
    );
    for (const nth of [1, 2]) {
      await tell(api, bookedFor(patient));
      await becomes(made, { attempts: 1, last_status: 500 });
      expect((await api.get(path, { token })).body.is_active).equal(true);
      // At its last attempt.
      await collection('webhook_deliveries').updateMany({ status: 'waiting' }, { $set: { attempts: 7 } });
      await later(15 * seconds);
      await becomes(made, { status: 'failed', attempts: 8 });
      expect((await api.get(path, { token })).body.failures).equal(mostFailures - 2 + nth);
    }
    expect((await api.get(path, { token })).body.is_active).equal(false);
    const [told] = (await api.get('/notifications?limit=1', { token })).body.items;
    expect(told.kind).equal('webhook.turned_off');
    expect(told.body).to.include(new URL(receiver.url).host).and.include('20');

    await tell(api, bookedFor(patient));
    expect(await deliveries(made)).to.have.length(2);
    const [{ webhook_delivery_id }] = await deliveries(made);
    const retry = () => api.post(`/webhook-deliveries/${webhook_delivery_id}/retry`, { token });
    expectProblem(await retry(), 409, 'step_not_allowed');
    const on = await api.patch(path, { token, body: { is_active: true } });
    expect(on.body).to.deep.include({ is_active: true, failures: 0 });
    receiver.respond = answer(204);
    expect((await retry()).status).equal(202);
    await becomes(made, { status: 'delivered' });
  });

  it('SUP-9: hold up nobody else: a receiver that is slow has one of its messages under way at a time', async () => {
    receiver.respond = neverAnswer;
    const slow = await hook();
    for (let nth = 0; nth < 5; nth++) await tell(api, bookedFor(patient));
    await receiver.hasGot(1);
    const quick = await startReceiver();
    const other = await newPatient(api);
    const made = await hook({ url: quick.url }, other.token);
    const begun = performance.now();
    await tell(api, bookedFor(other));
    await becomes(made, { status: 'delivered' }, other.token);
    expect(performance.now() - begun).lessThan(4_500);
    expect(receiver.received).to.have.length(1);
    expect(await deliveries(slow, '?status=waiting')).to.have.length(5);
    await quick.stop();
  });
});
