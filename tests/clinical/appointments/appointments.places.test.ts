import { expect } from 'chai';
import fc from 'fast-check';
import {
  freeAmong,
  nearestTo,
  placeToTake,
  type TakenPlace,
} from '../../../src/domains/clinical/appointments/appointments.places.js';
import { grainMs, grainsOf, type Slot } from '../../../src/domains/network/doctors/index.js';

const slot = (start: number, length = 3): Slot => ({
  date: new Date(start * grainMs),
  slot_end: new Date((start + length) * grainMs),
});
const taken = (...pairs: [grain: number, place: number][]): TakenPlace[] =>
  pairs.map(([grain, place]) => ({ grain: new Date(grain * grainMs), place }));

describe('the places of a slot', () => {
  it('BOOK-9: the lowest that nobody has; none when as many are taken as there are', () => {
    const take = (places: number[], capacity: number, overbooks = false) =>
      placeToTake(new Set(places), capacity, overbooks);
    expect(take([], 1)).to.deep.equal({ place: 0, overbooked: false });
    expect(take([0, 2], 3)).to.deep.equal({ place: 1, overbooked: false });
    expect(take([0], 1)).to.equal(null);
    expect(take([7], 1)).to.equal(null);
    expect(take([0], 1, true)).to.deep.equal({ place: 1, overbooked: true });
    expect(take([1], 1, true)).to.deep.equal({ place: 0, overbooked: true });
    expect(take([], 1, true)).to.deep.equal({ place: 0, overbooked: false });
  });

  it('BOOK-9: a place is free from end to end, whatever grids the others were booked on', () => {
    const grid = [slot(0), slot(3), slot(6)];
    expect(freeAmong(grid, taken([2, 0], [3, 0]), 1)).to.deep.equal([{ ...slot(6), free: 1 }]);
    expect(freeAmong(grid, taken([0, 0], [2, 1], [8, 0]), 2)).to.deep.equal([
      { ...slot(3), free: 2 },
      { ...slot(6), free: 1 },
    ]);
  });

  it('BOOK-4: the one who takes places by these rules never shares one, nor exceeds the capacity (property)', () => {
    const wishes = fc.array(fc.record({ start: fc.nat(12), length: fc.integer({ min: 1, max: 6 }) }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(wishes, fc.integer({ min: 1, max: 4 }), (asked, capacity) => {
        const claims: TakenPlace[] = [];
        for (const { start, length } of asked) {
          const wanted = slot(start, length);
          const grains = grainsOf(wanted);
          const there = claims.filter(({ grain }) => grains.some((own) => own.getTime() === grain.getTime()));
          const choice = placeToTake(new Set(there.map(({ place }) => place)), capacity, false);
          const [free] = freeAmong([wanted], claims, capacity);
          expect(choice === null).to.equal(free === undefined);
          if (choice) claims.push(...grains.map((grain) => ({ grain, place: choice.place })));
        }
        const keys = claims.map(({ grain, place }) => `${grain.getTime()} ${place}`);
        expect(new Set(keys).size).to.equal(keys.length);
        for (let grain = 0; grain < 20; grain++)
          expect(claims.filter((claim) => claim.grain.getTime() === grain * grainMs)).length.at.most(
            capacity,
          );
      }),
    );
  });

  it('BOOK-2: the nearest come first, and of two that are equally near the earlier', () => {
    const free = [0, 3, 6, 9, 12].map((start) => ({ ...slot(start), free: 1 }));
    const starts = nearestTo(free, new Date(6 * grainMs), 4).map(({ date }) => date.getTime() / grainMs);
    expect(starts).to.deep.equal([6, 3, 9, 0]);
    expect(nearestTo([], new Date(), 5)).to.deep.equal([]);
  });
});
