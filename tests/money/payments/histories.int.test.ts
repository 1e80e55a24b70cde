import { expect } from 'chai';
import fc from 'fast-check';
import { checkReports } from '../../../scripts/histories/checks.js';
import { playHistory, type Tally } from '../../../scripts/histories/run.js';
import { histories } from '../../../scripts/histories/steps.js';
import { openWorld, worldEnv, type World } from '../../../scripts/histories/world.js';
import { openTestSystem } from '../../support/api.js';
import { size } from '../../support/size.js';

describe('random histories of bookings and their money', function () {
  this.timeout(120_000);
  let opened: Awaited<ReturnType<typeof openTestSystem>>;
  let world: World;

  before(async () => {
    opened = await openTestSystem(worldEnv);
    opened.system.parts.start();
    world = await openWorld(opened.system);
  });

  after(() => opened?.close());

  it('R9: book, pay, refund, approve, void, cancel, reschedule, complete, replay, at once: the books are right after each', async () => {
    const tally: Tally = {};
    const several = fc.array(histories, { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(several, async (all) => {
        const tallies = await Promise.all(all.map((history) => playHistory(world, history)));
        for (const [what, times] of tallies.flatMap((one) => Object.entries(one)))
          tally[what] = (tally[what] ?? 0) + times;
      }),
      // What fails when several work at once seldom fails again on its own: it is told as it was, not made shorter.
      { numRuns: size({ usual: 4, long: 10 }), endOnFailure: true, includeErrorInReport: true },
    );
    await checkReports(world);
    // They were about something.
    for (const what of ['pay ok', 'refund ok', 'cancel ok', 'complete ok', 'replay ok'])
      expect(tally[what], JSON.stringify(tally)).to.be.greaterThan(0);
  });
});
