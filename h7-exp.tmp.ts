import { MongoClient, Decimal128 } from 'mongodb';
import { withScratch } from './src/databases/embedded/scratch.js';
import { aggregations } from './aggregations/index.js';
const N = Number(process.argv[2] ?? 400000), P = N / 20;
let seed = 1; const rnd = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
const id = (p: string, n: number) => p + '01K9' + String(n).padStart(22, '0');
const pick = (n: number) => Math.floor(rnd() * n);
const codes = Array.from({ length: 60 }, (_, i) => ({ c: String(10000000 + i * 7919), n: `Disease number ${i} (disorder)` }));
await withScratch({ nodes: 1, cacheGb: 1, log: (m) => console.error(m) }, async ({ mongodbUri }) => {
  const client = await MongoClient.connect(mongodbUri);
  const db = client.db('exp');
  const start = Date.UTC(2024, 0, 1), span = 730 * 864e5;
  for (const [coll, count, make] of [
    ['appointments', N, (n: number) => { const date = new Date(start + pick(span)); const d = rnd() < 0.7 ? codes[pick(60)] : null; const r = rnd();
      const doc = pick(200); const status = r < .75 ? 'completed' : r < .87 ? 'cancelled' : r < .93 ? 'no_show' : 'scheduled';
      return { _id: id('A', n), patient_id: id('P', pick(P)), doctor_id: id('D', doc), department_id: id('DEP', doc % 40), hospital_id: id('H', doc % 5), date, ended_at: status === 'completed' ? new Date(+date + 9e5) : null, status, disease: d?.n ?? null, disease_code: d?.c ?? null, reason: null, history: [{ status: 'scheduled', at: date, by: null }, { status, at: date, by: null }], version: 1, created_at: date, updated_at: date }; }],
    ['prescriptions', N * 3 / 4, (n: number) => { const date = new Date(Math.floor((start + pick(span)) / 864e5) * 864e5); const d = rnd() < 0.9 ? codes[pick(60)] : null; const doc = pick(200);
      return { _id: id('R', n), patient_id: id('P', pick(P)), doctor_id: id('D', doc), appointment_id: id('A', pick(N)), department_id: id('DEP', doc % 40), hospital_id: id('H', doc % 5), drug: 'Amoxicillin 500 mg', drug_code: '123', dosage: { value: 500, unit: 'mg' }, frequency: 'twice_daily', cost: Decimal128.fromString((rnd() * 100).toFixed(2)), disease: d?.n ?? null, disease_code: d?.c ?? null, start_date: date, end_date: rnd() < .9 ? new Date(+date + 864e5 * 10) : null, version: 1, created_at: date, updated_at: date }; }],
  ] as const) {
    for (let at = 0; at < count; at += 5000) await db.collection(coll).insertMany(Array.from({ length: 5000 }, (_, i) => make(at + i)) as never[], { ordered: false });
  }
  console.error('seeded');
  const time = async (name: string, agg: any, hint?: any) => {
    const ts: number[] = [];
    for (let i = 0; i < 4; i++) { const t = performance.now(); await db.collection(agg.collection).aggregate(agg.pipeline, { allowDiskUse: true, ...(hint ? { hint } : {}) }).toArray(); ts.push(performance.now() - t); }
    const ex: any = await db.collection(agg.collection).aggregate(agg.pipeline, { allowDiskUse: true, ...(hint ? { hint } : {}) }).explain('executionStats');
    const s = ex.stages?.[0]?.$cursor ?? ex; const es = s.executionStats;
    const stages: string[] = []; JSON.stringify(s.queryPlanner.winningPlan, (k, v) => { if (k === 'stage') stages.push(v); if (k === 'indexName') stages.push(v); return v; });
    console.log(name.padEnd(44), ts.sort((a, b) => a - b)[1]!.toFixed(0).padStart(6), 'keys', es.totalKeysExamined, 'docs', es.totalDocsExamined, stages.join('>'));
  };
  const all = { from: null, to: null }, year = { from: new Date('2025-01-01'), to: new Date('2026-01-01') }, month = { from: new Date('2025-03-01'), to: new Date('2025-04-01') };
  const periods = { all, year, month };
  const suite = async (label: string, hint?: any, only?: string) => {
    for (const [p, period] of Object.entries(periods)) for (const [name, agg] of [
      ['top', aggregations['top-doctors']({ ...period, by: 'patients', status: 'completed', limit: 5 })],
      ['top-hosp', aggregations['top-doctors']({ ...period, by: 'patients', status: 'completed', limit: 5, hospital_ids: [id('H', 1)] })],
      ['monthly', aggregations['monthly-appointments-trend']({ ...period, timeZone: 'UTC' })],
      ['monthly-doc', aggregations['monthly-appointments-trend']({ ...period, timeZone: 'UTC', doctor_id: id('D', 3) })],
      ['trend-app', aggregations['disease-trends']({ ...period, basis: 'appointments', gapDays: 90, timeZone: 'UTC' })],
      ['trend-rx', aggregations['disease-trends']({ ...period, basis: 'prescriptions', gapDays: 90, timeZone: 'UTC' })],
      ['cost', aggregations['average-prescription-cost']({ ...period })],
      ['cost-dis', aggregations['average-prescription-cost']({ ...period, diseases: { codes: [codes[3]!.c], name: 'x' } })],
    ] as const) if (!only || name.startsWith(only)) await time(`${label} ${p} ${name}`, agg, hint);
  };
  await suite('none');
  const A = db.collection('appointments'), R = db.collection('prescriptions');
  await A.createIndex({ status: 1, date: 1, doctor_id: 1, patient_id: 1, hospital_id: 1, department_id: 1 }, { name: 'top' });
  await A.createIndex({ date: 1, _id: 1, status: 1, hospital_id: 1, department_id: 1, doctor_id: 1 }, { name: 'monthly' });
  await A.createIndex({ doctor_id: 1, date: 1, _id: 1 }, { name: 'doctor' });
  await suite('A-two', undefined, 'top'); await suite('A-two', undefined, 'monthly'); await suite('A-two', undefined, 'trend-app');
  await A.createIndex({ status: 1, date: 1, patient_id: 1, disease_code: 1, disease: 1, ended_at: 1, _id: 1, hospital_id: 1, department_id: 1, doctor_id: 1 }, { name: 'trend' });
  await suite('A-three', undefined, 'top'); await suite('A-three', undefined, 'trend-app');
  await A.dropIndex('top');
  await suite('A-trend-only', undefined, 'top');
  await R.createIndex({ start_date: 1, disease_code: 1, disease: 1, patient_id: 1, cost: 1, hospital_id: 1, department_id: 1, doctor_id: 1 }, { name: 'cost' });
  await suite('R-cost', undefined, 'cost'); await suite('R-cost', undefined, 'trend-rx');
  await R.dropIndex('cost');
  await R.createIndex({ start_date: 1, disease_code: 1, disease: 1, patient_id: 1, cost: 1, end_date: 1, _id: 1, hospital_id: 1, department_id: 1, doctor_id: 1 }, { name: 'both' });
  await suite('R-both', undefined, 'cost'); await suite('R-both', undefined, 'trend-rx');
  for (const c of [A, R]) console.log(JSON.stringify((await c.aggregate([{ $collStats: { storageStats: {} } }]).toArray())[0]!.storageStats.indexSizes));
  await client.close();
});
