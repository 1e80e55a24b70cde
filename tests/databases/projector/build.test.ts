import { expect } from 'chai';
import fc from 'fast-check';
import {
  afterChunk,
  afterStream,
  isAfterRead,
  isAllRead,
  newBuild,
  nextSize,
} from '../../../src/databases/projector/build.js';

const collections = ['patients', 'visits'];

interface Written {
  readonly collection: string;
  readonly id: string;
  readonly at: bigint;
}

const write = fc.record({
  collection: fc.constantFrom(...collections),
  id: fc.integer({ min: 0, max: 9 }).map(String),
});

/** Something is written, the stream tells of up to so many writes, or a chunk of so many documents is read. */
const move = fc.oneof(
  write.map((one) => ({ kind: 'write' as const, ...one })),
  fc.nat({ max: 4 }).map((most) => ({ kind: 'follow' as const, most })),
  fc.integer({ min: 1, max: 3 }).map((most) => ({ kind: 'read' as const, most })),
);

describe('a build', () => {
  it('REP-8: takes in each write once, by a read or by the stream, in whichever order they come', () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 15 }), fc.array(move, { maxLength: 80 }), (before, moves) => {
        let clock = 0n;
        const log: Written[] = before.map((one) => ({ ...one, at: ++clock }));
        /** How many writes to it are in, by document. */
        const kept = new Map<string, number>();
        let build: ReturnType<typeof afterStream> = newBuild(collections);
        let told = log.length;
        let position = clock;
        const nameOf = ({ collection, id }: Omit<Written, 'at'>): string => `${collection} ${id}`;
        const add = (name: string, n: number): void => void kept.set(name, (kept.get(name) ?? 0) + n);

        function follow(most: number): void {
          for (const one of log.slice(told, told + most)) {
            if (!build || isAfterRead(build, collections, one)) add(nameOf(one), 1);
            told += 1;
            position = one.at;
          }
          build = build && afterStream(build, collections, position);
        }
        function read(most: number): void {
          if (!build || isAllRead(build, collections)) return;
          const { collection, done_to } = build;
          const ids = [...new Set(log.filter((one) => one.collection === collection).map(({ id }) => id))]
            .filter((id) => done_to === null || id > done_to)
            .sort()
            .slice(0, most);
          for (const id of ids)
            add(
              nameOf({ collection, id }),
              log.filter((one) => one.collection === collection && one.id === id).length,
            );
          const chunk = { documents: ids.length, lastId: ids.at(-1) ?? null, at: clock };
          build = afterChunk(afterStream(build, collections, position) ?? build, collections, chunk);
        }

        for (const one of moves)
          if (one.kind === 'write') log.push({ ...one, at: ++clock });
          else if (one.kind === 'follow') follow(one.most);
          else read(one.most);
        while (build && !isAllRead(build, collections)) read(2);
        // The lease is told of after all of them.
        log.push({ collection: 'patients', id: 'last', at: ++clock });
        follow(log.length);
        expect(build).equal(null);

        const written = new Map<string, number>();
        for (const one of log) written.set(nameOf(one), (written.get(nameOf(one)) ?? 0) + 1);
        expect(kept).deep.equal(written);
      }),
      { numRuns: 2_000 },
    );
  });

  it('REP-9: remembers no more chunks than the stream has still to pass', () => {
    let build = newBuild(collections);
    for (let n = 0n; n < 50n; n++) {
      build = afterChunk(build, collections, {
        documents: 1,
        lastId: `id${String(n).padStart(3, '0')}`,
        at: n,
      });
      build = afterStream(build, collections, n)!;
    }
    expect(build.chunks).have.length(1);
    expect(build).deep.include({ done_to: 'id049', documents: 50, collection: 'patients' });
  });

  it('reads as much at once as can be stored in time, and less after a failure', () => {
    const took = (documents: number, ms: number) => nextSize(20_000, 40_000, { documents, ms });
    expect([took(20_000, 2_000), took(20_000, 16_000), took(20_000, 40_000)]).deep.equal([
      40_000, 25_000, 10_000,
    ]);
    expect(took(20_000, 10_000_000), 'at once by a quarter at the least').equal(5_000);
    expect([took(0, 3), took(800, 900)], 'the end of a collection').deep.equal([20_000, 20_000]);
    expect([nextSize(20_000, 40_000, null), nextSize(300, 40_000, null), nextSize(3, 4, null)]).deep.equal([
      5_000, 75, 1,
    ]);
  });
});
