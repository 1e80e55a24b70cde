import { expect } from 'chai';
import fc from 'fast-check';
import { createCache } from '../../src/domains/reports/engine/reports.cache.js';
import { createTurns } from '../../src/domains/reports/engine/reports.turns.js';
import type { Problem } from '../../src/lib/errors.js';
import { createFlights } from '../../src/lib/flights.js';

/** Work that ends when it is told to. */
function held<T>() {
  let end!: (value: T) => void;
  let fail!: (error: Error) => void;
  const work = new Promise<T>((resolve, reject) => ([end, fail] = [resolve, reject]));
  return { work, end, fail };
}

const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('work that is shared', () => {
  it('REP-12: is begun once for all who ask at the same time, and again for anyone who asks later', async () => {
    const flights = createFlights<number>();
    let begun = 0;
    const first = held<number>();
    const ask = () =>
      flights.join('a', {}, () => {
        begun += 1;
        return begun === 1 ? first.work : Promise.resolve(begun);
      });
    const all = Array.from({ length: 32 }, ask);
    first.end(7);
    expect(new Set(await Promise.all(all))).to.deep.equal(new Set([7]));
    expect(begun).to.equal(1);
    expect(await ask()).to.equal(2);
  });

  it('REP-12: goes on when one of them leaves, and is aborted when all have left', async () => {
    const flights = createFlights<number>();
    const [one, other] = [new AbortController(), new AbortController()];
    let signal!: AbortSignal;
    const { work, end } = held<number>();
    const begin = (given: AbortSignal) => {
      signal = given;
      return work;
    };
    const leaving = caught(flights.join('a', { signal: one.signal }, begin));
    const staying = flights.join('a', { signal: other.signal }, begin);
    const reason = new Error('gone');
    one.abort(reason);
    expect(await leaving).to.equal(reason);
    expect(signal.aborted).to.equal(false);
    const last = caught(staying);
    other.abort(reason);
    expect([await last, signal.aborted, signal.reason]).to.deep.equal([reason, true, reason]);
    end(1);
    // Nobody joins what was aborted.
    expect(await flights.join('a', {}, () => Promise.resolve(2))).to.equal(2);
  });

  it('REP-9: is not shared with the one who has written since it began', async () => {
    const flights = createFlights<number>();
    const { work, end } = held<number>();
    const early = flights.join('a', {}, () => work);
    const late = flights.join('a', { since: performance.now() + 1 }, () => Promise.resolve(2));
    end(1);
    expect([await early, await late]).to.deep.equal([1, 2]);
  });

  it('REP-12: fails for all of them', async () => {
    const flights = createFlights<number>();
    const { work, fail } = held<number>();
    const both = [1, 2].map(() => caught(flights.join('a', {}, () => work)));
    const error = new Error('broken');
    fail(error);
    expect(await Promise.all(both)).to.deep.equal([error, error]);
  });
});

describe('turns', () => {
  it('REP-12: so many at a time, so many in the queue, and `busy` for the next', async () => {
    const turns = createTurns({ atOnce: 2, inLine: 1 });
    const [a, b, c] = [held<string>(), held<string>(), held<string>()];
    const begun: string[] = [];
    const take = (name: string, { work }: { work: Promise<string> }) =>
      turns.take(undefined, () => {
        begun.push(name);
        return work;
      });
    const all = [take('a', a), take('b', b), take('c', c)];
    const refused = (await caught(take('d', c))) as Problem;
    expect([refused.code, refused.status, refused.options.retryAfter]).to.deep.equal(['busy', 503, 5]);
    expect(begun).to.deep.equal(['a', 'b']);
    a.end('A');
    await all[0];
    await Promise.resolve();
    b.end('B');
    c.end('C');
    expect(await Promise.all(all)).to.deep.equal(['A', 'B', 'C']);
    expect(await take('e', { work: Promise.resolve('E') })).to.equal('E');
  });

  it('REP-12: a user has half of them and of the line at the most, and the others go first when they are in use', async () => {
    const turns = createTurns({ atOnce: 3, inLine: 3, isShared: true });
    const begun: string[] = [];
    const works = new Map<string, ReturnType<typeof held<string>>>();
    const take = (name: string) => {
      works.set(name, held<string>());
      const work = () => (begun.push(name), works.get(name)!.work);
      return turns.take(undefined, work, name[0]);
    };
    const all = ['a1', 'a2', 'a3', 'a4'].map(take);
    expect(begun).to.deep.equal(['a1', 'a2']);
    expect(((await caught(take('a5'))) as Problem).code).to.equal('busy');
    all.push(...['b1', 'b2'].map(take));
    expect(((await caught(take('c1'))) as Problem).code).to.equal('busy');
    const end = async (name: string) => {
      works.get(name)!.end(name);
      await new Promise(setImmediate);
    };
    await end('b1');
    expect(begun).to.deep.equal(['a1', 'a2', 'b1', 'b2']);
    for (const name of ['b2', 'a1', 'a2', 'a3', 'a4']) await end(name);
    expect(begun.slice(4)).to.deep.equal(['a3', 'a4']);
    expect(await Promise.all(all)).to.have.length(6);
  });

  it('REP-12: anyone who leaves the queue loses no turn for the others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 12 }), async (leaves) => {
        const turns = createTurns({ atOnce: 1, inLine: 100 });
        const first = held<number>();
        const running = turns.take(undefined, () => first.work);
        const controllers = leaves.map(() => new AbortController());
        const waiting = controllers.map(({ signal }, n) =>
          turns.take(signal, () => Promise.resolve(n)).catch(() => -1),
        );
        leaves.forEach((leave, n) => leave && controllers[n]!.abort());
        first.end(0);
        await running;
        expect(await Promise.all(waiting)).to.deep.equal(leaves.map((leave, n) => (leave ? -1 : n)));
        expect(await turns.take(undefined, () => Promise.resolve('free'))).to.equal('free');
      }),
      { numRuns: 50 },
    );
  });
});

describe('the cache of answers', () => {
  it('REP-9: never holds more than it may, and forgets what was used least recently', () => {
    const operation = fc.record({
      tag: fc.integer({ min: 0, max: 20 }),
      size: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const cache = createCache<number>({ entries: 5, bytes: 500 });
        const sizes = new Map<string, number>();
        for (const { tag, size } of operations) {
          cache.set(`${tag}`, size, size);
          sizes.set(`${tag}`, size);
          expect(cache.get(`${tag}`)).to.equal(size > 50 ? undefined : size);
        }
        const left = [...sizes].filter(([tag]) => cache.get(tag) !== undefined);
        expect(left.length).to.be.at.most(5);
        expect(left.reduce((sum, [, size]) => sum + size, 0)).to.be.at.most(500);
        for (const [tag, size] of left) expect(cache.get(tag)).to.equal(size);
      }),
    );
    const cache = createCache<string>({ entries: 2, bytes: 100 });
    cache.set('a', 'A', 1);
    cache.set('b', 'B', 1);
    cache.get('a');
    cache.set('c', 'C', 1);
    expect(['a', 'b', 'c'].map((tag) => cache.get(tag))).to.deep.equal(['A', undefined, 'C']);
  });
});
