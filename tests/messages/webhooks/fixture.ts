import { expect } from 'chai';
import { poll } from '../../../src/databases/embedded/processes.js';
import { startApi, type TestApi } from '../../support/api.js';
import { newPatient } from '../../support/people.js';
import { startReceiver, type Receiver } from './receiver.js';

type Patient = Awaited<ReturnType<typeof newPatient>>;

export interface Current {
  readonly api: TestApi;
  readonly receiver: Receiver;
  readonly patient: Patient;
  readonly token: string;
}

export interface Made {
  readonly webhook_id: string;
  readonly secret: string;
}

/** An API that posts to this machine too; for each test a receiver and a patient of its own. */
export function useWebhooks() {
  let api: TestApi;
  let receiver: Receiver;
  let patient: Patient;

  before(async () => {
    // The retries of a day are gone through under one token.
    api = await startApi({ WEBHOOK_PRIVATE_HOSTS: 'true', ACCESS_TOKEN_SECONDS: '86400' });
  });
  after(() => api?.stop());
  beforeEach(async () => {
    receiver = await startReceiver();
    patient = await newPatient(api);
  });
  afterEach(async () => {
    api.clock.set(undefined);
    // What waits is not to be tried in the next test.
    await collection('webhook_deliveries').deleteMany({});
    await receiver.stop();
  });

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test looks into any document
  const collection = (name: string) => api.system.around.stores.connection.collection<any>(name);
  const work = (): Promise<void> => api.system.parts.webhookWorker.work();
  const deliveries = async ({ webhook_id }: Made, query = '', token = patient.token) =>
    (await api.get(`/webhooks/${webhook_id}/deliveries${query}`, { token })).body.items;

  return {
    /** Those of the test that is running. */
    current: (): Current => ({ api, receiver, patient, token: patient.token }),
    collection,
    work,
    deliveries,
    /** Stops the clock so much later, and has done what is due by then. */
    later(ms: number): Promise<void> {
      api.clock.set(new Date(api.clock.now().getTime() + ms));
      return work();
    },
    async hook(body: object = {}, token = patient.token): Promise<Made> {
      const made = await api.post('/webhooks', { token, body: { url: receiver.url, ...body } });
      expect(made.status, JSON.stringify(made.body)).equal(201);
      return made.body as Made;
    },
    /** The newest delivery, when it is as expected. */
    async becomes(made: Made, expected: object, token = patient.token): Promise<Record<string, unknown>> {
      let seen: unknown;
      const found = await poll(async () => {
        [seen] = await deliveries(made, '?limit=1', token);
        const fields = seen as Record<string, unknown> | undefined;
        return fields && Object.entries(expected).every(([name, value]) => fields[name] === value) && fields;
      }, 30_000);
      if (!found) throw new Error(`the delivery is ${JSON.stringify(seen)}, not ${JSON.stringify(expected)}`);
      return found;
    },
  };
}
