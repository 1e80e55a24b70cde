import { expect } from 'chai';
import { poll } from '../../../src/databases/embedded/processes.js';
import { createTransact } from '../../../src/databases/mongo/mongo.js';
import { startApi, type TestApi } from '../../support/api.js';
import { day, expectProblem, newPatient } from '../../support/people.js';
import { bookedFor, tell } from '../notifications/tell.js';
import { useWebhooks, type Current } from './fixture.js';
import { answer, isSigned, startReceiver, type Receiver } from './receiver.js';

describe('deliveries to webhooks', function () {
  this.timeout(120_000);
  const { current, collection, deliveries, later, hook, becomes } = useWebhooks();
  let api: TestApi;
  let receiver: Receiver;
  let patient: Current['patient'];
  let token: string;
  beforeEach(() => void ({ api, receiver, patient, token } = current()));

  it('SUP-9: are posted once, signed, with what the notification says and nothing more', async () => {
    const made = await hook();
    await tell(api, bookedFor(patient));
    const [received] = await receiver.hasGot(1);
    const delivery = await becomes(made, { status: 'delivered', last_status: 204, attempts: 1 });
    expect(delivery).to.include({ next_attempt_at: null, last_error: null, kind: 'appointment.booked' });
    const [notification] = (await api.get('/notifications', { token })).body.items;
    expect(JSON.parse(received!.body)).deep.equal({
      type: 'appointment.booked',
      timestamp: notification.created_at,
      data: {
        notification_id: notification.notification_id,
        title: notification.title,
        body: notification.body,
        appointment_id: 'A1',
      },
    });
    expect(received!.id).equal(delivery['webhook_delivery_id']);
    expect(isSigned(received!, made.secret)).equal(true);
    expect(isSigned({ ...received!, body: `${received!.body} ` }, made.secret)).equal(false);
    expect(Number(received!.headers['webhook-timestamp'])).closeTo(Date.now() / 1000, 60);
    await later(day);
    expect(receiver.received).to.have.length(1);
  });

  it('SUP-9: go to each webhook of the user that takes the kind and is on, and to nobody else’s', async () => {
    const other = await newPatient(api);
    const taking = await hook({ kinds: ['appointment.booked', 'payment.paid'] });
    const all = await hook();
    const none = [await hook({ kinds: ['payment.paid'] }), await hook()];
    await api.patch(`/webhooks/${none[1]!.webhook_id}`, { token, body: { is_active: false } });
    const others = await hook({}, other.token);
    await tell(api, bookedFor(patient));
    for (const made of [taking, all]) await becomes(made, { status: 'delivered' });
    for (const made of none) expect(await deliveries(made)).deep.equal([]);
    expect(await deliveries(others, '', other.token)).deep.equal([]);
    expect(receiver.received).to.have.length(2);
  });

  it('SUP-9: are not there when the transaction of the notification fails', async () => {
    const made = await hook();
    const failed = await createTransact(api.system.around.stores.connection)(async (tx) => {
      await api.system.parts.notifications.notify(bookedFor(patient), tx);
      throw new Error('no');
    }).catch((error: Error) => error.message);
    expect(failed).equal('no');
    expect(await deliveries(made)).deep.equal([]);
  });

  it('SUP-9: are not sent any more when the webhook is removed, or the account closed', async () => {
    receiver.respond = answer(500);
    const made = await hook();
    const kept = await hook();
    await tell(api, bookedFor(patient));
    for (const one of [made, kept]) await becomes(one, { attempts: 1, last_status: 500 });
    const ids = (await deliveries(made)).map(
      ({ webhook_delivery_id: id }: { webhook_delivery_id: string }) => id,
    );
    expect((await api.delete(`/webhooks/${made.webhook_id}`, { token })).status).equal(204);
    const removed = await api.delete(`/patients/${patient.patient_id}`, { token: await api.as('admin') });
    expect(removed.status).equal(204);
    await later(day);
    const all = { user_id: patient.user_id, status: 'failed' };
    await poll(async () => (await collection('webhook_deliveries').countDocuments(all)) === 2, 30_000);
    const found = await collection('webhook_deliveries').find(all).toArray();
    const errorOf = (id: string): unknown => found.find(({ _id }) => _id === id)?.last_error;
    expect(found.map(({ last_error }) => last_error as string).sort()).deep.equal([
      'account_closed',
      'webhook_off',
    ]);
    expect(errorOf(ids[0])).equal('webhook_off');
    expect(receiver.received).to.have.length(2);
  });

  describe('POST /webhooks/{webhook_id}/test', () => {
    it('SUP-9: sends a message of its own kind once, also to a webhook that is off', async () => {
      receiver.respond = answer(404);
      const made = await hook({ kinds: ['payment.paid'] });
      await api.patch(`/webhooks/${made.webhook_id}`, { token, body: { is_active: false } });
      const { status, headers, body } = await api.post(`/webhooks/${made.webhook_id}/test`, { token });
      expect(status).equal(202);
      expect(headers.get('location')).equal(`/api/webhook-deliveries/${body.webhook_delivery_id}`);
      await becomes(made, { status: 'failed', kind: 'webhook.test', attempts: 1, last_status: 404 });
      const [received] = receiver.received;
      expect(JSON.parse(received!.body)).to.deep.include({
        type: 'webhook.test',
        data: { webhook_id: made.webhook_id },
      });
      expect(isSigned(received!, made.secret)).equal(true);
      expect((await api.get(`/webhooks/${made.webhook_id}`, { token })).body.failures).equal(0);
      const one = await api.get(`/webhook-deliveries/${body.webhook_delivery_id}`, { token });
      expect(one.body).to.include({ status: 'failed', last_error: 'status' }).and.not.have.property('body');
    });

    it('SUP-9: is refused when a hundred wait already', async () => {
      const made = await hook();
      const waiting = {
        webhook_id: made.webhook_id,
        status: 'waiting',
        next_attempt_at: new Date(Date.now() + day),
      };
      await collection('webhook_deliveries').insertMany(
        Array.from({ length: 100 }, (_, nth) => ({ _id: `WD-${nth}`, user_id: patient.user_id, ...waiting })),
      );
      expectProblem(
        await api.post(`/webhooks/${made.webhook_id}/test`, { token }),
        409,
        'too_many_deliveries',
      );
    });
  });
});

describe('deliveries to webhooks on the public internet', function () {
  this.timeout(60_000);

  it('SUP-9: go to no host that has come to be our own since the webhook was made', async () => {
    const api = await startApi();
    const receiver = await startReceiver();
    try {
      const patient = await newPatient(api);
      const { token } = patient;
      const { body: made } = await api.post('/webhooks', { token, body: { url: 'https://1.1.1.1/' } });
      const { connection } = api.system.around.stores;
      const path = `/webhooks/${made.webhook_id}/deliveries`;
      for (const [nth, url] of [receiver.url, receiver.url.replace('127.0.0.1', 'localhost')].entries()) {
        await connection.collection('webhooks').updateOne({ _id: made.webhook_id }, { $set: { url } });
        await tell(api, bookedFor(patient));
        const isRefused = async () => {
          const { items } = (await api.get(path, { token })).body;
          return items.length === nth + 1 && (items[0].last_error ?? undefined);
        };
        expect(await poll(isRefused, 30_000)).equal('no_public_address');
      }
      expect(receiver.received).deep.equal([]);
    } finally {
      await receiver.stop();
      await api.stop();
    }
  });
});
