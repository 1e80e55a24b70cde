import type { Contender } from '../contenders/contender.js';
import { cellName, type LoadCell, type MeasuringOptions } from '../contenders/measuring.js';
import { bearer, reportPaths } from '../contenders/ours.js';
import { inTurns } from '../contenders/questions.js';
import { readers } from '../contenders/sample.js';
import { load, type Measured, type Shot } from '../load/load.js';

const logins = 8;
const paths = Object.values(reportPaths);

interface Account {
  readonly email: string;
  readonly password: string;
}

/** Over HTTP, so that their hashes are of the cost that the API itself was told. */
export async function registerStormers(url: string): Promise<Account[]> {
  const register = async (index: number): Promise<Account> => {
    const account = { email: `stormer-${index}@bench.example`, password: `one of ${logins} at the door` };
    const response = await fetch(`${url}/api/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...account, name: `Stormer ${index}`, role: 'customer', type: 'individual' }),
    });
    if (response.status !== 201) throw new Error(`Nobody can register: ${await response.text()}`);
    return account;
  };
  return Promise.all(Array.from({ length: logins }, (_, index) => register(index)));
}

async function etagOf(url: string, path: string, token: string): Promise<string> {
  const response = await fetch(`${url}${path}`, { headers: bearer(token) });
  await response.arrayBuffer();
  return response.headers.get('etag') ?? '';
}

/** What is asked of our API alone. */
export function ownCells(
  { name: server, url, pid, shots }: Contender,
  tokens: readonly string[],
  { seconds, mongodPid, signal }: MeasuringOptions,
) {
  const token = inTurns(tokens);
  const path = inTurns(paths);
  const pids = { server: pid, mongod: mongodPid };
  const common = { url, connections: readers, seconds, pids, signal };
  const cell = (topic: string, title: string, measure: () => Promise<Measured>): LoadCell => ({
    ...{ name: cellName(topic, readers, server), title, server, connections: readers },
    measure,
  });
  const report = (n: number): Shot => ({ path: path(n), headers: bearer(token(n)) });

  async function notModified(): Promise<Measured> {
    const etags = inTurns(await Promise.all(paths.map((one) => etagOf(url, one, tokens[0]!))));
    const shot = (n: number): Shot => ({
      path: path(n),
      headers: { ...bearer(token(n)), 'If-None-Match': etags(n) },
    });
    return load({ ...common, shot, status: 304 });
  }

  return {
    readers: cell('readers', 'two reports in turns', () => load({ ...common, shot: report, status: 200 })),
    'not-modified': cell('not-modified', 'the same, not changed: 304', notModified),

    /** One patient, while as many as `accounts` do nothing but log in. What they got is added to `loggedIn`. */
    storm(accounts: readonly Account[], loggedIn: Measured[]): LoadCell {
      const account = inTurns(accounts);
      const login = (n: number): Shot => ({
        ...{ method: 'POST', path: '/api/auth/login', body: JSON.stringify(account(n)) },
      });
      return cell('storm', `GET one patient while ${logins} log in`, async () => {
        const [quiet, storm] = await Promise.all([
          load({ ...common, shot: shots.patient, status: 200 }),
          load({ ...{ url, seconds, signal }, connections: logins, shot: login, status: 200 }),
        ]);
        loggedIn.push(storm);
        return quiet;
      });
    },
  };
}

/** The logins of a storm, as a result of their own. */
export const loginResult = (server: string, loggedIn: readonly Measured[]) => ({
  ...{ name: cellName('logins', logins, server), title: 'the logins of it', server, connections: logins },
  rounds: loggedIn,
});
