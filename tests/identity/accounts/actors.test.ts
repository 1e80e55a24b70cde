import { expect } from 'chai';
import { createActors } from '../../../src/domains/identity/accounts/actors.js';
import type { Actor } from '../../../src/lib/actor.js';

const actor = (session_id: string): Actor => ({
  user_id: 'U1',
  role: 'patient',
  session_id,
  patient_id: null,
  doctor_id: null,
});

const alone = (): Promise<boolean> => Promise.resolve(false);

describe('the memory of who is behind a session', () => {
  it('AUTH-3: asks once a second, and at once after forget', async () => {
    let now = 0;
    const asked: string[] = [];
    const actors = createActors(
      (id) => {
        asked.push(id);
        return Promise.resolve(actor(id));
      },
      alone,
      () => now,
    );
    await Promise.all([actors.of('S1'), actors.of('S1'), actors.of('S2')]);
    now = 999;
    await actors.of('S1');
    expect(asked).to.eql(['S1', 'S2']);
    now = 1000;
    await actors.of('S1');
    void actors.forget('S1');
    await actors.of('S1');
    expect(asked).to.eql(['S1', 'S2', 'S1', 'S1']);
    void actors.forgetAll();
    await actors.of('S1');
    expect(asked).to.eql(['S1', 'S2', 'S1', 'S1', 'S1']);
  });

  it('AUTH-3: forget reaches a question that is still under way', async () => {
    const answers: ((found: Actor | null) => void)[] = [];
    const actors = createActors(() => new Promise((resolve) => answers.push(resolve)), alone);
    const before = actors.of('S1');
    void actors.forget('S1');
    const after = actors.of('S1');
    answers[0]!(actor('S1'));
    answers[1]!(null);
    expect((await before)?.session_id).to.equal('S1');
    expect(await after).to.equal(null);
    expect(await actors.of('S1')).to.equal(null);
  });

  it('AUTH-3: beside other processes, forget ends when none of them can remember', async () => {
    const load = (id: string) => Promise.resolve(actor(id));
    const here = createActors(load, () => Promise.resolve(true));
    let asked = 0;
    const other = createActors(() => Promise.resolve((asked++, actor('S1'))), alone);
    await other.of('S1');
    await here.forget('S1');
    await other.of('S1');
    expect(asked, 'what was remembered before forget began has run out').to.equal(2);
  });

  it('does not remember a failure', async () => {
    let fails = true;
    const actors = createActors(
      (id) => (fails ? Promise.reject(new Error('the store is away')) : Promise.resolve(actor(id))),
      alone,
    );
    const failure = await actors.of('S1').catch((error: Error) => error.message);
    expect(failure).to.equal('the store is away');
    fails = false;
    expect((await actors.of('S1'))?.session_id).to.equal('S1');
  });

  it('keeps at most 10,000 sessions, the newest', async () => {
    let asked = 0;
    const actors = createActors(
      (id) => {
        asked++;
        return Promise.resolve(actor(id));
      },
      alone,
      () => 0,
    );
    for (let i = 0; i <= 10_000; i++) await actors.of(`S${i}`);
    await actors.of('S10000');
    expect(asked).to.equal(10_001);
    await actors.of('S0');
    expect(asked).to.equal(10_002);
  });
});
