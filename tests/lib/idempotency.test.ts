import { expect } from 'chai';
import fc from 'fast-check';
import { Problem } from '../../src/lib/errors.js';
import { canonical, onceOf, replay, type Once } from '../../src/lib/idempotency.js';

const ask = (key: string, principal = 'U1', route = 'post /x', request: unknown = { a: 1 }): Once =>
  onceOf(key, principal, route, request, () => undefined);

/** A value with the members of every object in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, shuffled(member)]),
  );
}

describe('an Idempotency-Key', () => {
  it('BILL-3: is 1 to 255 visible ASCII characters', () => {
    expect(() => ask('k'.repeat(255))).not.to.throw();
    for (const key of ['', ' ', 'a b', 'k'.repeat(256), 'ä', 'a\n'])
      expect(() => ask(key), JSON.stringify(key))
        .to.throw(Problem)
        .with.property('code', 'invalid_idempotency_key');
  });

  it('BILL-3: of another user or route is another key', () => {
    const ids = [ask('k'), ask('k', 'U2'), ask('k', 'U1', 'post /y'), ask('l')].map(({ id }) => id);
    expect(new Set(ids).size).to.equal(4);
    expect(ask('k').id).to.equal(ask('k').id);
  });

  it('BILL-3: brings the stored answer for the same request, in whichever order its fields come (property)', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
        expect(canonical(shuffled(body))).to.equal(canonical(body));
        const first = ask('k', 'U1', 'post /x', body);
        const again = ask('k', 'U1', 'post /x', shuffled(body));
        expect(replay(again, { request_hash: first.request_hash, result: 7 })).to.equal(7);
      }),
    );
  });

  it('BILL-3: refuses another request, and does not call it a replay', () => {
    let replays = 0;
    const once = onceOf('k', 'U1', 'post /x', { amount: 2 }, () => replays++);
    const stored = { request_hash: ask('k', 'U1', 'post /x', { amount: 1 }).request_hash, result: 7 };
    expect(() => replay(once, stored))
      .to.throw(Problem)
      .with.property('code', 'idempotency_key_reused');
    expect(replays).to.equal(0);
  });

  it('BILL-3: tells times apart that differ by a millisecond', () => {
    expect(canonical({ at: new Date(1) })).not.to.equal(canonical({ at: new Date(2) }));
  });
});
