import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type Joi from 'joi';
import type { AnyRoute } from '../../src/http/route.js';
import { roles, type Role } from '../../src/lib/actor.js';
import { reportCatalogue } from '../../src/domains/reports/engine/index.js';
import { recordActions } from '../../src/lib/audited.js';
import { mayUse } from '../../src/lib/permissions.js';
import { doorsOf } from '../../src/serving.js';
import { pagesOf } from '../../src/web/index.js';
import type { WebDeps } from '../../src/web/web.deps.js';
import { openDesk, type Booked, type Desk } from '../money/payments/desk.js';
import { startApi, type Answer, type TestApi } from '../support/api.js';
import { nameOf } from '../support/routes.js';

/** Which routes and pages touch no patient's record, written down a second time: each new one is looked at here. */
const untouched = JSON.parse(readFileSync('tests/house/no-records.json', 'utf8')) as string[];

/** Whether a shape says of which patient it is. */
function namesPatient(schema: Joi.Schema | undefined): boolean {
  const terms = (schema?.$_terms ?? {}) as {
    keys?: { key: string; schema: Joi.Schema }[];
    items?: Joi.Schema[];
    matches?: { schema: Joi.Schema }[];
  };
  return (
    (terms.keys ?? []).some(({ key, schema: field }) => key === 'patient_id' || namesPatient(field)) ||
    (terms.items ?? []).some(namesPatient) ||
    (terms.matches ?? []).some(({ schema: one }) => namesPatient(one))
  );
}

/** Accounts say which patient they are, and are audited as accounts. */
const ofAccounts =
  /^(getMe|changeMe|listUsers|getUser|changeUser|changeUsers|register|login|loginByCode|refresh|acceptInvitation|decideVendor|inviteAgain)$/;

/** Answers to what was not a question, or not to be asked yet: no record was asked for. */
const unasked: readonly number[] = [400, 401, 406, 415, 429];

describe('what every route and page says of patients’ records', function () {
  this.timeout(120_000);
  let api: TestApi;
  let routes: readonly AnyRoute[];
  let pages: ReturnType<typeof pagesOf>;

  before(async () => {
    api = await startApi();
    routes = api.system.parts.routes;
    const { config, clock } = api.system.around;
    pages = pagesOf(config.modules, {
      ...{ ...doorsOf(api.system.parts), clock, features: config.features },
      ...{ timeZone: 'UTC', reportTimeZone: 'UTC', currency: 'USD', publicUrl: config.publicUrl },
    } as WebDeps);
  });
  after(() => api?.stop());

  it('AUTH-8: those that say none are on the list', () => {
    const ids = reportCatalogue.map(({ id }) => id).join('|');
    const ofReport = new RegExp(`^/reports/(${ids})(?=[./]|$)`);
    const found = [
      ...routes.filter(({ audit }) => audit === 'none').map(nameOf),
      ...pages
        .filter(({ audit }) => audit === 'none')
        .map(
          ({ method, path }) => `page ${method.toUpperCase()} ${path.replace(ofReport, '/reports/{report}')}`,
        ),
    ];
    const wrong = [
      ...found.filter((name) => !untouched.includes(name)).map((name) => `+ ${name}`),
      ...untouched.filter((name) => !found.includes(name)).map((name) => `- ${name}`),
    ];
    expect([...new Set(wrong)].join('\n')).equal('');
  });

  it('AUTH-8: none whose answer names a patient says none, and each action is somebody’s', () => {
    const wrong = routes
      .filter(
        ({ audit, response, operationId }) =>
          audit === 'none' && namesPatient(response) && !ofAccounts.test(operationId),
      )
      .map(nameOf);
    expect(wrong).deep.equal([]);
    const used = new Set(
      [...routes, ...pages].flatMap(({ audit }) => (typeof audit === 'string' ? audit : audit.action)),
    );
    expect(recordActions.filter((action) => !used.has(action))).deep.equal([]);
  });

  type Ids = Readonly<Record<string, string>>;

  interface Cell extends Pick<Answer, 'status' | 'headers'> {
    readonly name: string;
    /** A refusal shows a form again, and with it the record. */
    readonly isShown?: boolean;
  }

  /** How many entries each request has: what Postgres decides has crossed by then. */
  async function countsOf(cells: readonly Cell[]): Promise<Map<string, number>> {
    await api.system.parts.outboxes.postgres.drain(60_000);
    const events = api.system.around.stores.connection.db!.collection('audit_events');
    const ids = cells.map(({ headers }) => headers.get('x-request-id'));
    const counts = await events
      .aggregate<{ _id: string; count: number }>([
        { $match: { request_id: { $in: ids }, action: { $in: recordActions } } },
        { $group: { _id: '$request_id', count: { $sum: 1 } } },
      ])
      .toArray();
    return new Map(counts.map(({ _id, count }) => [_id, count]));
  }

  /** What is wrong: anything but one entry where a record was asked for, and none where not. */
  async function faultsOf(cells: readonly Cell[]): Promise<string> {
    const counts = await countsOf(cells);
    return cells
      .flatMap(({ name, status, headers, isShown = false }) => {
        const found = counts.get(headers.get('x-request-id')!) ?? 0;
        const due = isShown || !unasked.includes(status) ? 1 : 0;
        return status < 500 && found === due ? [] : `${name}: ${status} with ${found} entries`;
      })
      .join('\n');
  }

  type Person = Booked & Readonly<Record<string, string>>;

  /** A patient, and a visit, a prescription, a hold and a payment of theirs. */
  async function personOf(desk: Desk): Promise<Person> {
    const paid = await desk.paid();
    const { patient_id, doctor_id } = paid;
    const made = await api.make.prescription({ patient_id });
    return { ...paid, patient_id, doctor_id, prescription_id: made.prescription_id };
  }

  const bodies: Readonly<Record<string, object>> = {
    updatePatient: { contact: { phone: '+12125550142' } },
    updateAppointment: { status: 'cancelled', cancellation_reason: 'oth-err' },
    updatePrescription: { cost: 3 },
    refundTransactionInPart: { amount: 1, reason: 'too much' },
  };

  /** Whose records a role is tried with: one person's will do where the role may not ask at all. */
  const targetsOf = (role: Role | 'anonymous', { permission }: AnyRoute, own: Ids, foreign: Ids) => {
    if (role === 'anonymous' || !mayUse(role, permission)) return { foreign };
    // A doctor's are those of the patients that they treat.
    if (role === 'doctor') return { related: own, foreign, missing: {} };
    return role === 'patient' ? { own, foreign, missing: {} } : { foreign: own, missing: {} };
  };

  const addressAmong = (path: string, ids: Ids): string =>
    path.replaceAll(/:(\w+)/g, (_, name: string) => ids[name] ?? 'none-such');

  async function tokenOf(role: Role | 'anonymous', own: Booked): Promise<string | undefined> {
    if (role === 'anonymous') return undefined;
    if (role === 'patient') return own.token;
    return role === 'doctor' ? doctorToken : api.as(role);
  }

  /** Who changes something has somebody to change it of; nobody else's request changes anything. */
  let desk: Desk;
  let foreign: Person;
  let doctorToken: string;
  const ownOf = (role: Role | 'anonymous'): Promise<Person> | Person =>
    ['patient', 'doctor', 'receptionist', 'admin'].includes(role) ? personOf(desk) : foreign;

  before(async () => {
    desk = await openDesk(api);
    foreign = await personOf(await openDesk(api));
    const { doctor_id } = await desk.booked();
    doctorToken = (await api.make.account('doctor', { doctor_id })).token;
  });

  it('AUTH-8, SEC-1: every route × role × {own, related, foreign, missing}: one entry a cell that touches a record', async () => {
    // What ends a record comes after what looks at it.
    const order = ['get', 'post', 'put', 'patch', 'delete'];
    const audited = routes
      .filter(({ audit }) => audit !== 'none' && audit.when === undefined)
      .toSorted((a, b) => order.indexOf(a.method) - order.indexOf(b.method));
    async function cellsOf(role: Role | 'anonymous'): Promise<Cell[]> {
      const own = await ownOf(role);
      const token = await tokenOf(role, own);
      const cells: Cell[] = [];
      for (const route of audited)
        for (const [whose, ids] of Object.entries(targetsOf(role, route, own, foreign))) {
          const body = route.body ? { body: bodies[route.operationId] ?? {} } : {};
          const address = addressAmong(route.path, ids);
          const answer = await api.request(route.method.toUpperCase(), address, { token, ...body });
          cells.push({ ...answer, name: `${nameOf(route)} as ${role}, ${whose}` });
        }
      return cells;
    }
    const cells = (await Promise.all((['anonymous', ...roles] as const).map(cellsOf))).flat();
    expect(await faultsOf(cells)).equal('');
    expect(cells.length).least(audited.length * (roles.length + 1));
  });

  /** What a page of records needs to know of the row: of which there is none. */
  function searchOf(path: string): string {
    const report = reportCatalogue.find(({ id }) => path === `/reports/${id}/records`);
    const named = (report?.key ?? []).map((name): [string, string] => {
      const type = report!.columns.find((column) => column.name === name)!.type;
      return [`row.${name}`, type === 'month' ? '2026-01' : type === 'text' ? 'none' : '0'];
    });
    return named.length > 0 ? `?${new URLSearchParams(named).toString()}` : '';
  }

  /** What a form must hold to be asked for a record. */
  const forms: Readonly<Record<string, string>> = {
    '/patients/:patient_id/timeline': 'reason=Taken+ill+on+the+ward',
  };

  it('AUTH-8, WEB-3: every page × role: one entry a cell that touches a record', async () => {
    const audited = pages.filter(({ audit }) => audit !== 'none');
    async function cellsOf(role: Role): Promise<Cell[]> {
      const own = await ownOf(role);
      const token = await tokenOf(role, own);
      const cells: Cell[] = [];
      for (const page of audited) {
        const response = await fetch(api.url + addressAmong(page.path, own) + searchOf(page.path), {
          method: page.method.toUpperCase(),
          headers: {
            cookie: `access=${token}`,
            origin: api.url,
            'content-type': 'application/x-www-form-urlencoded',
          },
          redirect: 'manual',
          ...(page.method === 'post' ? { body: forms[page.path] ?? '' } : {}),
        });
        const isShown = !(await response.text()).includes('<h1>That did not work</h1>');
        cells.push({
          ...{ status: response.status, headers: response.headers, isShown },
          name: `${page.path} as ${role}`,
        });
      }
      return cells;
    }
    expect(await faultsOf((await Promise.all(roles.map(cellsOf))).flat())).equal('');
  });
});
