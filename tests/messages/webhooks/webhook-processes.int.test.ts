import { expect } from 'chai';
import { compose, type Surroundings } from '../../../src/composition.js';
import { poll } from '../../../src/databases/embedded/processes.js';
import type { TestApi } from '../../support/api.js';
import { day } from '../../support/people.js';
import { bookedFor, tell } from '../notifications/tell.js';
import { useWebhooks, type Current } from './fixture.js';
import { isSigned, neverAnswer, type Receiver } from './receiver.js';

const seconds = 1000;

describe('deliveries to webhooks over several processes and keys', function () {
  this.timeout(120_000);
  const { current, collection, work, deliveries, later, hook, becomes } = useWebhooks();
  let api: TestApi;
  let receiver: Receiver;
  let patient: Current['patient'];
  let token: string;
  beforeEach(() => void ({ api, receiver, patient, token } = current()));

  /** Another process on the same stores, with a key of its own if need be. */
  const another = (around: Partial<Surroundings> = {}) => compose({ ...api.system.around, ...around });

  it('SUP-9: are sent by one of them', async () => {
    const made = await hook();
    const other = another();
    for (let nth = 0; nth < 10; nth++) await tell(api, bookedFor(patient));
    await Promise.all([work(), other.webhookWorker.work()]);
    await poll(async () => (await deliveries(made, '?status=delivered')).length === 10, 30_000);
    await other.webhookWorker.stop();
    expect(receiver.received).to.have.length(10);
    expect(new Set(receiver.received.map(({ id }) => id)).size).equal(10);
  });

  it('SUP-9: are sent again under the same id when a process dies between sending and saying so', async () => {
    let release = (): void => undefined;
    receiver.respond = (response) => {
      if (receiver.received.length > 1) response.writeHead(200).end();
      else release = () => void response.writeHead(204).end();
    };
    const made = await hook();
    api.clock.set(new Date());
    await tell(api, bookedFor(patient));
    await work();
    await receiver.hasGot(1);
    // As good as dead: it says nothing until its claim has run out, and then too late.
    const other = another();
    await other.webhookWorker.work();
    expect(receiver.received).to.have.length(1);
    api.clock.set(new Date(api.clock.now().getTime() + 31 * seconds));
    await other.webhookWorker.work();
    await becomes(made, { status: 'delivered', attempts: 2, last_status: 200 });
    release();
    const [first, second] = await receiver.hasGot(2);
    expect(second!.id).equal(first!.id);
    await other.webhookWorker.stop();
    expect((await deliveries(made))[0]).to.include({ attempts: 2, last_status: 200 });
  });

  it('SUP-9: that are under way at a stop are the next one’s, and that attempt did not count', async () => {
    receiver.respond = neverAnswer;
    const made = await hook();
    // Nobody but the process that is to be stopped.
    const stored = { next_attempt_at: new Date(Date.now() + day) };
    await tell(api, bookedFor(patient));
    await receiver.hasGot(1);
    await becomes(made, { attempts: 1, last_error: 'timeout' });
    api.clock.set(new Date(Date.now() + 20 * seconds));
    await collection('webhook_deliveries').updateMany({}, { $set: stored });
    const ahead = { now: () => new Date(Date.now() + 2 * day) };
    const other = another({ clock: ahead });
    await other.webhookWorker.work();
    await receiver.hasGot(2);
    await other.webhookWorker.stop();
    expect((await deliveries(made))[0]).to.include({ status: 'waiting', attempts: 1 });
  });

  describe('under a secret', () => {
    it('SUP-9: that was changed are signed by both for a day, and then by the new one alone', async () => {
      const made = await hook();
      const { body: rotated } = await api.post(`/webhooks/${made.webhook_id}/rotate-secret`, { token });
      const signedBy = async (count: number): Promise<boolean[]> => {
        await tell(api, bookedFor(patient));
        await work();
        const received = (await receiver.hasGot(count)).at(-1)!;
        return [made.secret, rotated.secret as string].map((secret) => isSigned(received, secret));
      };
      expect(await signedBy(1)).deep.equal([true, true]);
      await becomes(made, { status: 'delivered' });
      await later(day);
      expect(await signedBy(2)).deep.equal([false, true]);
    });

    it('SUP-9: stay readable when the signing secret is changed, and are sealed by the new one when they are used', async () => {
      const { around } = api.system;
      const made = await hook();
      const sealed = async () =>
        (await collection('webhooks').findOne({ _id: made.webhook_id }))!['sealed_secret'];
      const before = await sealed();
      // So that only the others send.
      const ahead = { now: () => new Date(Date.now() + 2 * day) };
      const postpone = () =>
        collection('webhook_deliveries').updateMany(
          { webhook_id: made.webhook_id },
          { $set: { status: 'waiting', attempts: 0, next_attempt_at: new Date(Date.now() + day) } },
        );
      const sentBy = async (
        jwtSecret: string,
        previousSecrets: string[],
        count: number,
      ): Promise<boolean> => {
        await postpone();
        const jwt = { ...around.config.jwt, secret: jwtSecret, previousSecrets };
        const other = compose({ ...around, jwtSecret, config: { ...around.config, jwt }, clock: ahead });
        await other.webhookWorker.work();
        const received = (await receiver.hasGot(count)).at(-1)!;
        await becomes(made, { status: 'delivered' });
        await other.webhookWorker.stop();
        return isSigned(received, made.secret);
      };
      await tell(api, bookedFor(patient));
      await becomes(made, { status: 'delivered' });
      expect(await sentBy('a newer secret', [around.jwtSecret], 2)).equal(true);
      expect(await sealed()).not.equal(before);
      expect(await sentBy('a newer secret', [], 3)).equal(true);
      // Here the key is gone: nothing goes out that nobody could verify.
      await postpone();
      await later(2 * day);
      await becomes(made, { status: 'failed', last_error: 'secret_lost' });
      expect(receiver.received).to.have.length(3);
    });
  });
});
