import { expect } from 'chai';
import { Problem } from '../../src/lib/errors.js';
import { createRendering, type RenderingLimits } from '../../src/rendering/index.js';
import { renderers } from '../../src/rendering/renderers.js';
import { maxXlsxRows } from '../../src/domains/reports/formats/xlsx.js';
import type { ReportAnswer, Row } from '../../src/domains/reports/engine/reports.types.js';

const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text x="2" y="14">Ada</text></svg>';
const asker = { user: 'U1' };
const answer = (rows: readonly Row[]): ReportAnswer => ({
  ...{ report: 'top-doctors', parameters: {}, rows },
  columns: [{ name: 'name', type: 'text', title: 'Name', description: 'Whose' }],
  provenance: {
    ...{ definition: 'aggregations/top-doctors.ts', version: 1, parameters: {}, engine: 'duckdb' },
    ...{ path: 'mirror', as_of: { mongodb: new Date(0), postgres: null }, behind_seconds: 0.1 },
    ...{ rows_read: { mongodb: 1, postgres: 0 }, engine_ms: { mongodb: 1, postgres: null, merge: 0 } },
  },
});
const facts = { title: 'Doctors', who: 'Mary', at: new Date('2026-02-01T09:00:00Z'), timeZone: 'UTC' };
const refusal = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

async function withRendering<T>(
  limits: Partial<RenderingLimits>,
  work: (made: ReturnType<typeof createRendering>) => Promise<T>,
): Promise<T> {
  const made = createRendering({ workers: 1, places: 10, seconds: 60, ...limits });
  try {
    return await work(made);
  } finally {
    await made.stop();
  }
}

describe('createRendering', () => {
  it('SEC-5: a file made in a thread is that made in the event loop, and the loop turns meanwhile', async () => {
    const rows = Array.from({ length: 300 }, (_, n) => ({ name: `Doctor ${n}` }));
    const [inThread, inLoop] = await Promise.all(
      [1, 0].map((workers) =>
        withRendering({ workers }, async ({ rendering }) => {
          let turns = 0;
          const timer = setInterval(() => (turns += 1), 5);
          const made = {
            pdf: await rendering.reportPdf(asker, answer(rows), { ...facts, chart: null }),
            png: await rendering.chartPng(asker, svg),
            xlsx: await rendering.reportXlsx(asker, answer(rows), facts),
          };
          clearInterval(timer);
          return { ...made, turns };
        }),
      ),
    );
    expect(inThread!.png.equals(inLoop!.png)).to.equal(true);
    expect(inThread!.pdf.equals(inLoop!.pdf)).to.equal(true);
    expect(inThread!.xlsx.subarray(0, 2).toString()).to.equal('PK');
    expect(inThread!.turns).to.be.greaterThan(5);
  });

  it('SEC-5: what a renderer refuses comes through as it is: code, sentence and pointer', async () => {
    const rows = Array.from({ length: maxXlsxRows + 1 }, () => ({ name: 'x' }));
    const direct = (await refusal(renderers.reportXlsx(answer(rows), facts))) as Problem;
    await withRendering({}, async ({ rendering, threads }) => {
      const refused = (await refusal(rendering.reportXlsx(asker, answer(rows), facts))) as Problem;
      expect(refused).to.be.instanceOf(Problem).and.include({ code: 'not_acceptable' });
      expect([refused.detail, refused.options]).to.deep.equal([direct.detail, direct.options]);
      // The thread is as good as before.
      expect(threads()).to.equal(1);
      expect((await rendering.chartPng(asker, svg)).subarray(1, 4).toString()).to.equal('PNG');
      expect(await refusal(rendering.chartPng(asker, 'no picture'))).not.to.be.instanceOf(Problem);
      expect(threads()).to.equal(1);
    });
  });

  it('SEC-5: a file that takes too long is refused, its thread ends, and the next one is made', async () => {
    const rows = Array.from({ length: 40_000 }, (_, n) => ({ name: `Doctor ${n} ${'x'.repeat(200)}` }));
    await withRendering({ seconds: 1 }, async ({ rendering, threads }) => {
      const busy = [1, 2, 3, 4].map(() => refusal(rendering.reportXlsx(asker, answer(rows), facts)));
      expect(await busy.at(-1))
        .to.be.instanceOf(Problem)
        .and.include({ code: 'timed_out' });
      await Promise.all(busy);
      expect(threads()).to.be.lessThan(2);
    });
    await withRendering({}, async ({ rendering }) => {
      expect((await rendering.chartPng(asker, svg)).length).to.be.greaterThan(100);
    });
  });

  it('SEC-5: a stop refuses what waits and what is being made, and leaves no thread', async () => {
    const made = createRendering({ workers: 1, places: 10, seconds: 60 });
    const all = [1, 2, 3].map(() => refusal(made.rendering.chartPng(asker, svg)));
    await made.stop();
    for (const one of all)
      expect(await one)
        .to.be.instanceOf(Problem)
        .and.include({ code: 'unavailable' });
    expect([made.threads(), made.waiting()]).to.deep.equal([0, 0]);
    expect(await refusal(made.rendering.chartPng(asker, svg))).to.include({ code: 'unavailable' });
  });
});
