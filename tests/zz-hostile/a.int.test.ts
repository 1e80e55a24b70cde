import { startApi, type TestApi } from '../support/api.js';
import { newPatient, nthSlot, day } from '../support/people.js';
import { createVisitor } from '../web/visitor.js';
const log = (...a: unknown[]) => console.log(...a.map((x) => (typeof x === 'string' ? x : JSON.stringify(x))));
const short = (a: any) => `${a.status} ${a.body?.code ?? ''} ${JSON.stringify(a.body)?.slice(0, 200)}`;
describe('hostile', function () {
  this.timeout(120_000);
  let api: TestApi; let admin: string;
  before(async () => { api = await startApi({ LOG_LEVEL: 'error' }); admin = await api.as('admin'); });
  after(() => api.stop());
  const t = (name: string, f: () => Promise<void>) => it(name, async () => { log('\n##', name); await f(); });

  t('huge fee', async () => {
    const d = await api.make.doctor({ consultation_fee: 9999999999.99 });
    const p = await newPatient(api);
    const a = await api.make.appointment({ doctor_id: d.doctor_id, patient_id: p.patient_id });
    log(short(await api.post(`/transactions/${a.appointment_id}`, { token: p.token })));
    await api.make.steps(a.appointment_id, 'checked_in', 'completed');
    log(short(await api.post(`/transactions/${a.appointment_id}`, { token: p.token })));
    log(short(await api.get('/ledger/trial-balance', { token: admin })));
  });
  t('id reuse', async () => {
    const d = await api.make.doctor(); const p = await newPatient(api); const q = await newPatient(api);
    const body = (n: number) => ({ doctor_id: d.doctor_id, date: nthSlot(n), appointment_id: 'REUSE-1' });
    log(short(await api.post('/appointments', { token: p.token, body: body(0) })));
    log(short(await api.delete('/appointments/REUSE-1', { token: p.token })));
    log(short(await api.post('/appointments', { token: q.token, body: body(1) })));
    log(short(await api.post('/transactions/REUSE-1', { token: q.token })));
    // paid, cancelled whole, removed, again
    const b2 = (n: number) => ({ ...body(n), appointment_id: 'REUSE-2' });
    await api.post('/appointments', { token: p.token, body: b2(100) });
    log(short(await api.post('/transactions/REUSE-2', { token: p.token })));
    log(short(await api.patch('/appointments/REUSE-2', { token: p.token, body: { status: 'cancelled', cancellation_reason: 'pat' } })));
    log(short(await api.delete('/appointments/REUSE-2', { token: p.token })));
    log(short(await api.post('/appointments', { token: q.token, body: b2(3) })));
    log(short(await api.post('/transactions/REUSE-2', { token: q.token })));
    log('Q sees', short(await api.get('/transactions?appointment_id=REUSE-2', { token: q.token })));
  });
  t('wait while the last slot is held', async () => {
    const date = nthSlot(0);
    const weekday = new Date(date).getUTCDay() || 7;
    const d = await api.make.doctor({ availability: [{ weekday, start: '10:00', end: '10:15' }] });
    const p = await newPatient(api), q = await newPatient(api);
    const h = await api.post('/holds', { token: p.token, body: { doctor_id: d.doctor_id, date } });
    log(short(h));
    const w = await api.post('/waiting-list', { token: q.token, body: { doctor_id: d.doctor_id, day: date.slice(0, 10) } });
    log(short(w));
    api.clock.set(new Date(Date.now() + 6 * 60_000));
    await api.system.parts.waitingList.sweep();
    log('after expiry', short(await api.get('/waiting-list', { token: q.token })));
    log('slots', short(await api.get(`/doctors/${d.doctor_id}/slots?from=${date}&to=${new Date(Date.parse(date) + 3600000).toISOString()}`)));
    api.clock.set(undefined);
    // release of offered hold
    const h2 = await api.post('/holds', { token: p.token, body: { doctor_id: d.doctor_id, date } }); log(short(h2));
    const r = await newPatient(api);
    log(short(await api.post('/waiting-list', { token: r.token, body: { doctor_id: d.doctor_id, day: date.slice(0, 10) } })));
    log('rel', short(await api.delete(`/holds/${h2.body.hold_id}`, { token: p.token })));
    const offered = (await api.get('/waiting-list', { token: q.token })).body.items[0]; log(offered);
    log('release offer', short(await api.delete(`/holds/${offered.offer.hold_id}`, { token: q.token })));
    log('q', short(await api.get('/waiting-list', { token: q.token })));
    log('r', short(await api.get('/waiting-list', { token: r.token })));
    log('q again', short(await api.post('/waiting-list', { token: q.token, body: { doctor_id: d.doctor_id, day: date.slice(0, 10) } })));
  });
  t('slots cost', async () => {
    const d = await api.make.doctor({ slot_minutes: 5, slot_capacity: 50, availability: [1,2,3,4,5,6,7].map((weekday) => ({ weekday, start: '00:00', end: '23:55' })) });
    const from = new Date().toISOString(), to = new Date(Date.now() + 30 * day).toISOString();
    for (let i = 0; i < 3; i++) { const t0 = performance.now(); const r = await api.get(`/doctors/${d.doctor_id}/slots?from=${from}&to=${to}`); log(r.status, r.body.items?.length, JSON.stringify(r.body).length, performance.now() - t0); }
    const t0 = performance.now();
    const rs = await Promise.all(Array.from({ length: 20 }, () => api.get(`/doctors/${d.doctor_id}/slots?from=${from}&to=${to}`)));
    log('20 at once', rs.map((r) => r.status), performance.now() - t0);
    const p = await newPatient(api);
    for (let i = 0; i < 3; i++) { const t1 = performance.now(); const r = await api.post('/holds', { token: p.token, body: { doctor_id: d.doctor_id, date: new Date(Math.floor(Date.now() / day) * day + 5 * day + 60_000).toISOString() } }); log(r.status, r.body.code, performance.now() - t1); }
    const v = createVisitor(api);
    const t2 = performance.now(); const r = await v.get(`/book/doctors/${d.doctor_id}`); log(r.status, r.text.length, performance.now() - t2);
    const t3 = performance.now(); const r3 = await v.get(`/book/departments/${d.department_id}`); log(r3.status, r3.text.length, performance.now() - t3);
    log('utm', (await v.get('/book?utm_source=x')).status, (await v.get('/sign-in?fbclid=1')).status, (await v.get('/book?q=a&q=b')).status);
  });
  t('cash by a patient', async () => {
    const p = await newPatient(api); const a = await api.make.appointment({ patient_id: p.patient_id });
    log(short(await api.post(`/transactions/${a.appointment_id}`, { token: p.token, body: { payment_method: 'cash' } })));
  });
  t('same key and own id at once', async () => {
    const d = await api.make.doctor({ slot_capacity: 3 }); const p = await newPatient(api);
    for (let n = 0; n < 5; n++) {
      const body = { doctor_id: d.doctor_id, date: nthSlot(n), appointment_id: `KEY-${n}` };
      const rs = await Promise.all(Array.from({ length: 12 }, () => api.post('/appointments', { token: p.token, body, headers: { 'idempotency-key': `k${n}` } })));
      log(rs.map((r) => `${r.status}${r.body.code ?? ''}`));
    }
    const rs = await Promise.all(Array.from({ length: 12 }, (_, i) => api.post('/holds', { token: p.token, body: { doctor_id: d.doctor_id, date: nthSlot(10 + i) } })));
    log(rs.map((r) => `${r.status}${r.body.code ?? ''}`));
  });
  t('pool', async () => {
    const d = await api.make.doctor({ slot_capacity: 50 }); const p = await newPatient(api);
    const a = await api.make.appointment({ doctor_id: d.doctor_id, patient_id: p.patient_id });
    const t0 = performance.now();
    const flood = Promise.all(Array.from({ length: 200 }, (_, i) => api.post(`/transactions/${a.appointment_id}`, { token: p.token, headers: { 'idempotency-key': `f${i}` } })));
    const other = await newPatient(api); const b = await api.make.appointment({ doctor_id: d.doctor_id, patient_id: other.patient_id });
    const t1 = performance.now(); const r = await api.post(`/transactions/${b.appointment_id}`, { token: other.token }); log('other', r.status, performance.now() - t1);
    const rs = await flood; const tally: any = {}; for (const x of rs) tally[`${x.status}${x.body.code ?? ''}`] = (tally[`${x.status}${x.body.code ?? ''}`] ?? 0) + 1; log(tally, performance.now() - t0);
  });
});
