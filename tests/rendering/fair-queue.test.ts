import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { Problem } from '../../src/lib/errors.js';
import { createFairQueue } from '../../src/rendering/fair-queue.js';

/** Work that ends when it is let go, and the order in which it began. */
function bench(queue: ReturnType<typeof createFairQueue>) {
  const began: string[] = [];
  const open: (() => void)[] = [];
  const never = new AbortController().signal;
  return {
    began,
    ask: (user: string, what: string, signal = never): Promise<string> =>
      queue.take(user, signal, async () => {
        began.push(what);
        await new Promise<void>((resolve) => open.push(resolve));
        return what;
      }),
    async letGo(): Promise<void> {
      open.shift()?.();
      for (let n = 0; n < 5; n++) await turn();
    },
  };
}

const refusal = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe('createFairQueue', () => {
  it('SEC-5: those who wait are served user by user, however many one of them has asked for', async () => {
    const { began, ask, letGo } = bench(createFairQueue({ atOnce: 1, places: 20 }));
    const all = ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2'].map((what) => ask(what[0]!, what));
    for (let n = 0; n < all.length; n++) await letGo();
    expect(await Promise.all(all)).to.deep.equal(['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2']);
    expect(began).to.deep.equal(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
  });

  it('SEC-5: refuses with busy and when to come again what there is no place for; half of the places are a user’s', async () => {
    const queue = createFairQueue({ atOnce: 1, places: 4 });
    const { ask, letGo } = bench(queue);
    const taken = ['a0', 'a1', 'a2'].map((what) => ask('a', what));
    const third = (await refusal(ask('a', 'a3'))) as Problem;
    expect(third).to.be.instanceOf(Problem).and.include({ code: 'busy' });
    expect(third.options.retryAfter).to.be.greaterThan(0);
    const others = ['b', 'c'].map((user) => ask(user, user));
    expect(queue.waiting()).to.equal(4);
    expect(await refusal(ask('d', 'd'))).to.include({ code: 'busy' });
    for (let n = 0; n < 5; n++) await letGo();
    expect(await Promise.all([...taken, ...others])).to.have.length(5);
  });

  it('SEC-5: the one who has gone leaves the queue, and its place is free', async () => {
    const queue = createFairQueue({ atOnce: 1, places: 2 });
    const { began, ask, letGo } = bench(queue);
    const first = ask('a', 'a');
    const gone = new AbortController();
    const second = refusal(ask('b', 'b', gone.signal));
    gone.abort(new Error('gone'));
    expect(await second).to.have.property('message', 'gone');
    expect(queue.waiting()).to.equal(0);
    await letGo();
    expect([await first, began]).to.deep.equal(['a', ['a']]);
    expect(await refusal(ask('b', 'b', gone.signal))).to.have.property('message', 'gone');
  });

  it('SEC-5: closes: those who wait and those who come are refused, what runs ends', async () => {
    const queue = createFairQueue({ atOnce: 1, places: 4 });
    const { ask, letGo } = bench(queue);
    const first = ask('a', 'a');
    const waiting = refusal(ask('b', 'b'));
    queue.close();
    expect(await waiting).to.include({ code: 'unavailable' });
    expect(await refusal(ask('c', 'c'))).to.include({ code: 'unavailable' });
    await letGo();
    expect(await first).to.equal('a');
  });
});
