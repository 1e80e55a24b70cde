import { expect } from 'chai';
import fc from 'fast-check';
import type { FileReport, ImportError, ImportReport } from '../../../src/domains/exchange/imports/index.js';
import type { System } from '../../../src/system.js';
import { openTestSystem, type SettableClock } from '../../support/api.js';
import {
  clear,
  dump,
  makeTables,
  ofPatients,
  removeDirectories,
  smallTables,
  type Table,
  type Tables,
} from './files.js';

describe('importing Synthea', () => {
  let system: System;
  let clock: SettableClock;
  let close: () => Promise<void>;

  before(async () => {
    ({ system, clock, close } = await openTestSystem());
    clock.set(new Date('2026-11-21T12:00:00Z'));
  });
  after(() => close());
  afterEach(async () => {
    removeDirectories();
    await clear(system);
  });

  interface Run {
    readonly report: ImportReport;
    readonly errors: ImportError[];
    file(name: string): FileReport;
  }

  async function run(tables: Tables, signal?: AbortSignal): Promise<Run> {
    const errors: ImportError[] = [];
    const report = await system.parts.imports.importFrom({
      source: 'synthea',
      directory: makeTables(tables),
      onError: (error) => errors.push(error),
      ...(signal ? { signal } : {}),
    });
    const file = (name: string) => report.files.find((one) => one.file === `${name}.csv`)!;
    return { report, errors, file };
  }

  it('DBA-7: stores every row, and running it again changes nothing', async () => {
    const tables = smallTables();
    const first = await run(tables);
    const charges = tables['claims_transactions']!.filter(({ TYPE }) => TYPE === 'CHARGE').length;
    expect(first.errors).to.deep.equal([]);
    for (const name of [
      'organizations',
      'providers',
      'patients',
      'conditions',
      'encounters',
      'medications',
    ]) {
      expect(first.file(name), name).to.include({ stored: tables[name]!.length, unchanged: 0 });
    }
    expect(first.file('claims_transactions')).to.deep.include({
      stored: charges,
      skipped: { 'TYPE is not CHARGE': tables['claims_transactions']!.length - charges },
    });
    const before = await dump(system);
    const second = await run(tables);
    expect(second.report).to.include({ changes: 0, rows_read: first.report.rows_read, rows_rejected: 0 });
    expect(second.file('conditions')).to.include({ stored: 0, unchanged: tables['conditions']!.length });
    expect(await dump(system)).to.deep.equal(before);
  });

  it('DBA-7: the k-th medication of a key goes with its k-th charge, and each is charged once', async () => {
    const tables = smallTables();
    await run(tables);
    const { billing, prescriptions } = await dump(system);
    const byId = new Map(prescriptions!.map((one) => [one['_id'], one]));
    const charged = billing!.map(({ prescription_id }) => prescription_id);
    expect(new Set(charged).size).to.equal(prescriptions!.length);
    for (const row of billing!) {
      const prescription = byId.get(row['prescription_id']);
      for (const field of ['patient_id', 'appointment_id', 'doctor_id', 'disease', 'disease_code']) {
        expect(row[field], field).to.equal(prescription![field]);
      }
    }
    // By hand for the keys that stand twice: the file's k-th rows, side by side.
    const groups = new Map<string, Table>();
    for (const row of tables['medications']!) {
      const key = [row['ENCOUNTER'], row['CODE'], row['START']].join();
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    const twice = [...groups].filter(([, rows]) => rows.length > 1);
    expect(twice).not.to.be.empty;
    for (const [key, rows] of twice) {
      const charges = tables['claims_transactions']!.filter(
        (row) =>
          row['TYPE'] === 'CHARGE' &&
          [row['APPOINTMENTID'], row['PROCEDURECODE'], row['FROMDATE']].join() === key,
      );
      rows.forEach((medication, k) => {
        const row = billing!.find(({ id }) => id === charges[k]!['ID']);
        expect(row).to.include({
          total_cost: charges[k]!['AMOUNT'],
          disease_code: medication['REASONCODE'] || null,
        });
        const { cost } = byId.get(row!['prescription_id']) as { cost: { $numberDecimal: string } };
        expect(cost.$numberDecimal).to.equal(medication['TOTALCOST']);
      });
    }
  });

  it('PAT-6: keeps the diagnoses, derives diseases from the open ones, lists allergies; PAT-1: the newest come with it', async () => {
    const tables = smallTables();
    await run(tables);
    const { patients, appointments } = await dump(system);
    for (const patient of patients!) {
      const rows = tables['conditions']!.filter(({ PATIENT }) => PATIENT === patient['_id']);
      expect(patient['diagnoses']).to.have.length(rows.length);
      const open = rows.filter(({ STOP }) => STOP === '').map(({ DESCRIPTION }) => DESCRIPTION);
      expect(new Set(patient['diseases'] as string[])).to.deep.equal(new Set(open));
      const own = appointments!.filter(({ patient_id }) => patient_id === patient['_id']);
      expect(patient['appointments']).to.have.length(Math.min(20, own.length));
    }
    const listed = new Set(tables['allergies']!.map(({ PATIENT }) => PATIENT));
    for (const { _id, allergies } of patients!) {
      expect((allergies as { state: string }).state).to.equal(
        listed.has(_id as string) ? 'listed' : 'not_asked',
      );
    }
  });

  it('DBA-7: a row that cannot be stored is named with its line and reason, and stops nothing', async () => {
    const tables = smallTables();
    const [first, second, third] = tables['encounters']!;
    tables['encounters'] = [
      { ...first!, START: '2024-02-30T00:00:00Z' },
      { ...second!, PATIENT: 'nobody' },
      { ...third!, PROVIDER: 'nobody' },
      ...tables['encounters']!.slice(3),
      { ...tables['encounters']![5]! },
    ];
    tables['conditions'] = [...tables['conditions']!, { ...tables['conditions']![0]!, PATIENT: 'nobody' }];
    tables['claims_transactions'] = [
      ...tables['claims_transactions']!,
      { ...tables['claims_transactions']!.find(({ TYPE }) => TYPE === 'CHARGE')!, ID: 'one-too-many' },
    ];
    const { errors, file, report } = await run(tables);
    const of = (name: string) => errors.filter((error) => error.file === `${name}.csv`);
    expect(of('encounters')).to.have.deep.members([
      { file: 'encounters.csv', line: 2, id: first!['Id'], reason: 'START is not a UTC time' },
      { file: 'encounters.csv', line: 3, id: second!['Id'], reason: 'patient_id names no record' },
      {
        file: 'encounters.csv',
        line: 4,
        id: third!['Id'],
        reason: 'PROVIDER names no usable row of providers',
      },
      {
        file: 'encounters.csv',
        line: tables['encounters'].length + 1,
        id: tables['encounters'].at(-1)!['Id'],
        reason: 'its id stands in the file before',
      },
    ]);
    expect(of('conditions')).to.deep.equal([
      {
        file: 'conditions.csv',
        line: tables['conditions'].length + 1,
        id: 'nobody',
        reason: 'PATIENT names no stored row of patients',
      },
    ]);
    expect(of('claims_transactions').map(({ id, reason }) => `${id} ${reason}`)).to.include(
      'one-too-many charges no row of medications',
    );
    expect(report.rows_rejected).to.equal(errors.length);
    for (const { read, stored, unchanged, skipped, rejected } of report.files) {
      const parts = [...Object.values(skipped), ...Object.values(rejected)];
      expect(parts.reduce((sum, n) => sum + n, stored + unchanged)).to.equal(read);
    }
    expect(file('encounters').stored).to.equal(tables['encounters'].length - 4);
    expect((await dump(system))['appointments']).to.have.length(tables['encounters'].length - 4);
  });

  it('DBA-7: in parts, or stopped anywhere and run again, it ends as if it had run at once', async function () {
    this.timeout(120_000);
    const tables = smallTables();
    await run(tables);
    const whole = await dump(system);
    const patients = tables['patients']!.map(({ Id }) => Id!);
    const stop = fc.option(fc.integer({ min: 0, max: 12 }));
    await fc.assert(
      fc.asyncProperty(fc.subarray(patients), stop, async (chosen, stopAfter) => {
        await clear(system);
        const stopping = new AbortController();
        let steps = 0;
        const imported = system.parts.imports.importFrom({
          source: 'synthea',
          directory: makeTables(ofPatients(tables, (id) => chosen.includes(id))),
          signal: stopping.signal,
          onProgress: () => {
            if (steps++ === stopAfter) stopping.abort();
          },
        });
        await imported.catch((error: unknown) => {
          if (!stopping.signal.aborted) throw error;
        });
        await run(tables);
        expect(await dump(system)).to.deep.equal(whole);
      }),
      { numRuns: 8 },
    );
  });
});
