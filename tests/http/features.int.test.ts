import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { featureNames, type FeatureName } from '../../src/lib/features.js';
import { nameOf, addressOf, ask } from '../support/routes.js';
import { busyDoctor, cancel, freeSlots, slotAt, theDay } from '../clinical/waiting-list/queue.js';
import { startApi, type TestApi } from '../support/api.js';
import { newPatient } from '../support/people.js';
import { modules } from '../../src/contracts/modules.js';
import { doorsOf } from '../../src/serving.js';
import { pagesOf as pagesOfModules } from '../../src/web/index.js';
import type { AnyPage, PatientActor } from '../../src/web/page.js';
import { createVisitor, newGuest, words, type Visitor } from '../web/visitor.js';

/* Each feature turned off in a system of its own; on, it is what all other tests look at. */

const pagesOf = ({ system: { parts, around } }: TestApi): AnyPage[] =>
  pagesOfModules(modules, {
    ...doorsOf(parts),
    ...{
      clock: around.clock,
      features: around.config.features,
      refundPolicy: [],
      currency: 'USD',
      takesCards: true,
    },
    ...{ bookingDays: 30, timeZone: 'UTC', reportTimeZone: 'UTC', publicUrl: 'http://here.example' },
  });

const open = (visitor: Visitor, page: AnyPage) => {
  const address = page.path.replaceAll(/:\w+/g, 'none-such');
  return page.method === 'get' ? visitor.get(address) : visitor.post(address, { any: 'field' });
};

/** Where a page leads. */
const linksOf = async (visitor: Visitor, path: string): Promise<string[]> =>
  [...(await visitor.get(path)).text.matchAll(/(?:href|action)="([^"?#]*)/g)].map(([, href]) => href!);

/** The links to pages of the feature, of all that a patient, a manager and somebody who is not signed in begin with. */
async function linksTo(feature: FeatureName, api: TestApi): Promise<string[]> {
  const { visitor: patient } = await newGuest(api);
  const manager = createVisitor(api);
  await manager.signIn((await api.make.account('manager')).email);
  const { doctor_id } = await api.make.doctor({ availability: [] });
  const pages = pagesOf(api).filter((page) => page.features?.includes(feature));
  const patterns = pages.map(({ path }) => new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`));
  const starts = ['/sign-in', '/my/notices', '/my/appointments', `/book/doctors/${doctor_id}`, '/book/none'];
  const links = await Promise.all([
    ...starts.map((path) => linksOf(patient, path)),
    ...starts.map((path) => linksOf(createVisitor(api), path)),
    ...['/reports', '/reports/top-doctors', '/my/notices'].map((path) => linksOf(manager, path)),
  ]);
  return links.flat().filter((link) => patterns.some((pattern) => pattern.test(link)));
}

/** Routes that ask for the same records, and are no part of any feature. */
const others = ['/hospitals', '/appointments', '/reports/top-doctors'];

describe('features', function () {
  this.timeout(120_000);

  for (const feature of featureNames)
    describe(`without ${feature}`, () => {
      let api: TestApi;
      before(async () => void (api = await startApi({ FEATURES: `-${feature}` })));
      after(() => api?.stop());

      it('DOCS-4: answers 404 feature_off on its routes, no matter who asks, and leaves the others', async () => {
        const wrong: string[] = [];
        for (const route of api.system.parts.routes.filter((one) => one.feature === feature)) {
          const answers = [
            await api.request(route.method.toUpperCase(), addressOf(route)),
            await api.request(route.method.toUpperCase(), addressOf(route), { token: 'not a token' }),
            await ask(api, route),
          ];
          for (const { status, body, headers } of answers) {
            const type = headers.get('content-type');
            const isRight = status === 404 && body.code === 'feature_off' && body.feature === feature;
            if (!isRight || !type?.startsWith('application/problem+json') || !body.detail.includes(feature))
              wrong.push(`${nameOf(route)}: ${status} ${JSON.stringify(body)}`);
          }
        }
        expect(wrong.join('\n')).equal('');
        for (const path of others)
          expect((await api.get(path, { token: await api.as('admin') })).status, path).equal(200);
      });

      it('DOCS-4: shows a page that says so for each of its pages, and only for those', async () => {
        const { visitor } = await newGuest(api);
        const wrong: string[] = [];
        for (const page of pagesOf(api)) {
          const isOff = page.features?.includes(feature) ?? false;
          // Signing out, or registering, would end the visit.
          if (!isOff && page.method === 'post') continue;
          const shown = await open(visitor, page);
          const saysSo =
            shown.status === 404 && words(shown).includes('This hospital does not offer it here');
          if (saysSo !== isOff) wrong.push(`${page.method} ${page.path}: ${shown.status}`);
        }
        expect(wrong.join('\n')).equal('');
      });

      it('DOCS-4: links to none of its pages, and says in /readyz that it is off', async () => {
        expect(await linksTo(feature, api)).deep.equal([]);
        const { body } = await api.get('//readyz');
        expect(body.features).deep.equal(
          Object.fromEntries(featureNames.map((name) => [name, name !== feature])),
        );
      });
    });

  it('DOCS-4: are linked to where they are on, if they have pages', async () => {
    const api = await startApi();
    try {
      for (const feature of featureNames.filter((name) => !['report_jobs', 'webhooks'].includes(name)))
        expect(await linksTo(feature, api), feature).not.deep.equal([]);
    } finally {
      await api.stop();
    }
  });

  describe('in the background', () => {
    let off: TestApi;
    let on: TestApi;
    before(async () => {
      off = await startApi({ FEATURES: '-waiting_list,-saved_reports,-report_jobs,-webhooks' });
      on = await startApi();
    });
    after(async () => {
      await off?.stop();
      await on?.stop();
    });

    /** A job, two deliveries and a day of the past that somebody waits for: each is work for a worker. */
    async function leaveWork({ system, make }: TestApi) {
      const { user_id } = await make.account('manager');
      const db = system.around.stores.connection;
      const long = new Date('2026-01-01');
      const asked = { user_id, name: 'Mine', report: 'top-doctors', parameters: {}, period: null };
      const tried = { failure: null, bytes: null, attempts: 0, version: 1, created_at: long };
      await db.collection('report_jobs').insertOne({
        ...{ _id: 'RJ1' as never, ...asked, ...tried, format: 'json', status: 'queued', phase: 'waiting' },
        ...{ holder: null, lease_until: null, started_at: null, ended_at: null, expires_at: null },
      });
      await db.collection('deliveries').insertOne({
        ...{ _id: 'DL1' as never, ...asked, ...tried, format: 'csv', status: 'waiting', due_at: null },
        ...{ saved_report_id: 'SR1', claimed_until: long, claim: null, ended_at: null, expires_at: null },
      });
      await db.collection('webhook_deliveries').insertOne({
        ...{
          _id: 'WD1' as never,
          webhook_id: 'WH1',
          user_id,
          kind: 'webhook.test',
          body: '{}',
          status: 'waiting',
        },
        ...{ attempts: 0, next_attempt_at: long, claim: null, created_at: long },
      });
      await db.collection('waiting_list').insertOne({
        ...{ _id: 'W1' as never, doctor_id: 'D1', hospital_id: 'H1', patient_id: 'P1', day: long },
        ...{ status: 'waiting', offer: null, version: 1, created_at: long, updated_at: long },
      });
    }
    const statusesOf = ({ system }: TestApi) =>
      Promise.all(
        ['report_jobs', 'deliveries', 'webhook_deliveries', 'waiting_list'].map(
          async (name) => (await system.around.stores.connection.collection(name).findOne())!['status'],
        ),
      );

    it('DOCS-4: nothing of a feature that is off is worked on, while a system that has it does', async () => {
      await leaveWork(off);
      await leaveWork(on);
      const before = await statusesOf(off);
      const untouched = (now: unknown[]): boolean => now.some((status, at) => status === before[at]);
      const deadline = Date.now() + 60_000;
      while (untouched(await statusesOf(on))) {
        expect(Date.now(), String(await statusesOf(on))).lessThan(deadline);
        await pause(50);
      }
      expect(await statusesOf(off)).deep.equal(before);
    });

    it('BOOK-7: a slot that is freed is offered to nobody, and free for all', async () => {
      const doctor_id = await busyDoctor(off);
      const { patient_id } = await off.make.patient();
      const visit = await off.make.appointment({ doctor_id, patient_id, date: slotAt(0) });
      const waiting = await newPatient(off);
      const actor = { user_id: 'U1', role: 'patient', patient_id: waiting.patient_id } as PatientActor;
      await off.system.parts.waitingList.forActors.join(actor, { doctor_id, day: new Date(theDay()) });
      await cancel(off, { appointment_id: visit.appointment_id as string });
      expect(await freeSlots(off, doctor_id)).deep.equal([slotAt(0)]);
      const { items } = await off.system.parts.waitingList.forActors.list(actor, { limit: 10 });
      expect(items.map(({ status }) => status)).deep.equal(['waiting']);
    });
  });
});
