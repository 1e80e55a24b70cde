import { MongoClient, Decimal128 } from 'mongodb';
import { withScratch } from './scripts/scratch.js';
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
  const A = db.collection('appointments'), R = db.collection('prescriptions');
  const top = async (label: string) => { for (let r = 0; r < 2; r++) for (const [p, period] of Object.entries(periods)) { 
    await time(`${label} ${p} top`, aggregations['top-doctors']({ ...period, by: 'patients', status: 'completed', limit: 5 }));
    await time(`${label} ${p} top-hosp`, aggregations['top-doctors']({ ...period, by: 'patients', status: 'completed', limit: 5, hospital_ids: [id('H', 1)] })); } };
  await top('none');
  await A.createIndex({ status: 1, date: 1, doctor_id: 1, patient_id: 1, hospital_id: 1, department_id: 1 }, { name: 'six' });
  await top('six'); await A.dropIndex('six');
  await A.createIndex({ status: 1, date: 1, doctor_id: 1, patient_id: 1 }, { name: 'four' });
  await top('four'); await A.dropIndex('four');
  const cost = async (label: string) => { for (const [p, period] of Object.entries(periods)) {
    const agg = aggregations['average-prescription-cost']({ ...period });
    await time(`${label} ${p} cost`, agg);
    const [first, ...rest] = agg.pipeline as any[]; const { $or: _or, ...match } = first.$match;
    const [group, ...tail] = rest;
    await time(`${label} ${p} cost-filter-after`, { collection: 'prescriptions', pipeline: [{ $match: match }, group, { $match: { $or: [{ '_id.key.disease_code': { $ne: null } }, { '_id.key.disease': { $ne: null } }] } }, ...tail] }); } };
  await cost('none');
  await R.createIndex({ start_date: 1, disease_code: 1, disease: 1, patient_id: 1, cost: 1, hospital_id: 1, department_id: 1, doctor_id: 1 }, { name: 'cost' });
  await cost('cov');
  for (const c of [A, R]) console.log(JSON.stringify((await c.aggregate([{ $collStats: { storageStats: {} } }]).toArray())[0]!.storageStats.indexSizes));
  await client.close();
});
