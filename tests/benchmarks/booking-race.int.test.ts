import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { runBenchmark } from '../support/run-script.js';
import { size } from '../support/size.js';

const bench = (...args: string[]) => runBenchmark('booking-race', args);

describe('npm run bench:booking-race', function () {
  this.timeout(180_000);

  it('BOOK-4: of the clients of a slot one books, on two processes and while the primary is killed', async () => {
    const [rounds, clients] = size({ usual: [1, 10], long: [2, 20] });
    const sizes = ['--clients', `${clients}`, '--rounds', `${rounds}`, '--slots', '5'];
    const run = await bench(...sizes, '--json');
    expect(run.code, run.stderr).to.equal(0);
    const { clean, races } = JSON.parse(run.stdout) as {
      clean: boolean;
      races: { race: string; rounds: Record<string, unknown>[] }[];
    };
    expect(clean).to.equal(true);
    expect(races.map(({ race }) => race)).to.deep.equal(['one slot', 'many slots', 'primary killed']);
    const [one, many, killed] = races.map(({ rounds }) => rounds);
    expect(one).to.have.length(rounds);
    for (const round of one!)
      expect(round).to.deep.include({ booked: 1, taken: clients - 1, other: {}, stored: 1, exact: true });
    const crowd = { booked: 5, taken: 45, other: {}, stored: 5, exact: true };
    expect(many![0]).to.deep.include(crowd);
    expect(killed![0]).to.deep.include({ ...crowd, booked_before: 1, changed: {} });
    const left = (await readdir(tmpdir())).filter((name) => name.includes(`-own-${run.pid}-`));
    expect(left).to.deep.equal([]);
  });
});
