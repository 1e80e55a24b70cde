import { expect } from 'chai';
import { ConfigError } from '../../src/config.js';
import { zoneDisagreement } from '../../src/databases/time-zones.js';
import { reportCatalogue } from '../../src/domains/reports/definitions/reports.catalogue.js';
import { parametersOf } from '../../src/domains/reports/engine/reports.schema.js';
import { zoneNamed } from '../../src/lib/zones.js';
import { createLogger } from '../../src/lib/logger.js';
import { openSystem } from '../../src/system.js';
import { openTestSystem, startApi, testConfig, type TestApi } from '../support/api.js';
import { expectProblem } from '../support/people.js';
import { size } from '../support/size.js';

const all = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone').map((name) => zoneNamed(name)!)])];
/** Both sides of UTC, half hours and quarters, clocks that change and that do not, and where MongoDB 6.0 is of old. */
const some = ['America/Mexico_City', 'Asia/Kathmandu', 'Pacific/Apia', 'Europe/Kyiv'];

describe('time zones of hospitals and reports', function () {
  this.timeout(size({ usual: 60_000, long: 3_600_000 }));
  let api: TestApi;
  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());

  it('NET-1: every zone has one name, in any case and by any alias; what is none is refused', async () => {
    for (const name of all) {
      expect(zoneNamed(name), name).to.equal(name);
      expect(zoneNamed(name.toLowerCase()), name).to.equal(name);
    }
    expect(['Asia/Calcutta', 'US/Eastern', 'Zulu'].map(zoneNamed)).to.deep.equal([
      ...['Asia/Kolkata', 'America/New_York', 'UTC'],
    ]);
    const token = await api.as('admin');
    const hospital = { name: 'Zones', region: 'North' };
    for (const time_zone of ['local', 'system', 'UTC+5:30', '+05:30', 'Mars/Olympus', 'utc ', ''])
      expectProblem(
        await api.post('/hospitals', { token, body: { ...hospital, time_zone } }),
        400,
        'invalid_request',
      );
    const made = await api.post('/hospitals', { token, body: { ...hospital, time_zone: 'asia/kolkata' } });
    expect(made.body.time_zone).to.equal('Asia/Kolkata');
  });

  it('REP-4: a zone is taken for reports when all stores agree about it, and then all ten answer', async () => {
    const refused: string[] = [];
    for (const zone of size({ usual: some, long: all })) {
      const why = await zoneDisagreement(api.system.around.stores, zone);
      if (why === undefined) {
        await answersAll(zone);
        continue;
      }
      refused.push(`${zone}: ${why}`);
      const failure: unknown = await openTestSystem({ REPORT_TIME_ZONE: zone }).then(
        ({ close }) => close(),
        (error: unknown) => error,
      );
      expect(failure, zone).to.be.instanceOf(ConfigError);
      expect((failure as Error).message).to.include(`REPORT_TIME_ZONE ${zone} cannot be used`);
    }
    if (size({ usual: false, long: true }))
      console.log(
        `${all.length - refused.length} accepted, ${refused.length} refused:\n${refused.join('\n')}`,
      );
  });

  /** A system with that report zone over the databases of the API. */
  async function answersAll(zone: string): Promise<void> {
    const { config } = api.system.around;
    const system = await openSystem({
      config: testConfig({ POSTGRES_URI: config.postgresUri!, REPORT_TIME_ZONE: zone.toLowerCase() }),
      logger: createLogger('error'),
      dbName: api.system.around.stores.connection.name,
    });
    try {
      const manager = { role: 'manager', doctor_id: null } as const;
      for (const report of reportCatalogue) {
        const query = parametersOf(report).validate({ from: '2025-01-01', to: '2026-01-01' });
        const { provenance } = await system.parts.reports.run(
          report.id,
          manager,
          query.value as Record<string, unknown>,
        );
        expect(provenance, `${report.id} in ${zone}`).to.be.an('object');
      }
    } finally {
      await system.close();
    }
  }
});
