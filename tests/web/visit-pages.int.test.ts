import { expect } from 'chai';
import { at, idOf, openClinic, type Clinic } from './clinic.js';
import { newGuest, words } from './visitor.js';

describe('the pages of a visit', () => {
  let clinic: Clinic;
  before(async () => (clinic = await openClinic()));
  after(() => clinic?.api.stop());

  describe('paying', () => {
    it('BILL-2: pays once, and has the invoice and the receipt as PDF', async () => {
      const page = await clinic.book(at('15:00'));
      const form = await clinic.visitor.get(page);
      const payments = await Promise.all(
        [1, 2, 3].map(() => clinic.visitor.submit(form, `${page}/pay`, { payment_method: 'card' })),
      );
      const [{ to }] = payments as [(typeof payments)[number]];
      expect(to).match(/^\/my\/payments\/[^/]+\/card$/);
      expect(payments.map(({ status, to: there }) => `${status} ${there}`)).deep.equal(
        Array(3).fill(`303 ${to}`),
      );
      const waiting = words(await clinic.visitor.get(page));
      expect(waiting)
        .to.include('not confirmed')
        .and.include('Go on to pay')
        .and.include('no money was moved');
      const card = await clinic.visitor.get(to!);
      expect((await clinic.visitor.submit(card, `${to}/pay`)).to).equal(page);
      const paid = await clinic.visitor.get(page);
      expect(words(paid)).to.include('Paid').and.include('$118.00').and.not.include('How do you pay?');
      const papers = [...paid.text.matchAll(/href="(\/my\/payments\/[^"]*)"/g)].map(([, href]) => href!);
      expect(papers.map((href) => href.split('/').at(-1))).deep.equal(['invoice.pdf', 'receipt.pdf']);
      for (const href of papers) {
        const pdf = await clinic.visitor.get(href);
        expect(pdf.status).equal(200);
        expect(pdf.headers.get('content-type')).equal('application/pdf');
        expect(pdf.headers.get('content-disposition')).to.match(
          /^attachment; filename="(INV|RCT)-\d{6}\.pdf"$/,
        );
        expect(pdf.text.slice(0, 8)).equal('%PDF-1.7');
        expect((await (await newGuest(clinic.api)).visitor.get(href)).status).equal(404);
      }
      const { items } = (
        await clinic.api.get(`/transactions?appointment_id=${idOf(page)}`, { token: clinic.token })
      ).body;
      expect(items.length).equal(1);
    });

    it('BILL-2: refuses a second payment, one without a method, and one of a cancelled visit', async () => {
      const page = await clinic.book(at('15:30'));
      const form = await clinic.visitor.get(page);
      const without = await clinic.visitor.submit(form, `${page}/pay`);
      expect(without.status).equal(400);
      expect(without.text).to.match(/role="alert"[\s\S]*href="#payment_method"[\s\S]*id="payment_method"/);
      const other = await clinic.visitor.get(page);
      await clinic.pay(page);
      const second = await clinic.visitor.submit(other, `${page}/pay`, { payment_method: 'card' });
      expect(second.status).equal(409);
      expect(words(second)).to.include('is paid already');
      const cancelled = await clinic.book(at('16:00'));
      const before = await clinic.visitor.get(cancelled);
      await clinic.visitor.submit(await clinic.visitor.get(`${cancelled}/cancel`), `${cancelled}/cancel`, {
        cancellation_reason: 'pat',
      });
      const late = await clinic.visitor.submit(before, `${cancelled}/pay`, { payment_method: 'card' });
      expect(late.status).equal(409);
      expect(words(late)).to.include('cancelled').and.include('nothing to pay');
    });
  });

  describe('cancelling and moving', () => {
    it('BOOK-6: says what comes back before it cancels, and gives just that', async () => {
      for (const [start, said, refunded] of [
        [at('17:00'), 'You get $118.00 back', 118],
        [at('21:00', '2026-11-23'), 'You get $59.00 back', 59],
        [at('15:00', '2026-11-23'), 'You get nothing back', 0],
      ] as const) {
        const page = await clinic.book(start);
        await clinic.pay(page);
        const form = await clinic.visitor.get(`${page}/cancel`);
        expect(words(form)).to.include(said);
        const done = await clinic.visitor.submit(form, `${page}/cancel`, { cancellation_reason: 'pat-fb' });
        expect(done).to.include({ status: 303, to: page });
        const shown = words(await clinic.visitor.get(page));
        expect(shown).to.include('Cancelled').and.include('I feel better');
        const { items } = (
          await clinic.api.get(`/transactions?appointment_id=${idOf(page)}`, { token: clinic.token })
        ).body;
        expect(items[0].refunded).equal(refunded);
        if (refunded > 0) {
          const [, note] = /href="(\/my\/refunds\/[^"]*)"/.exec((await clinic.visitor.get(page)).text)!;
          expect((await clinic.visitor.get(note!)).text.slice(0, 5)).equal('%PDF-');
        }
      }
    });

    it('BOOK-8: asks for a reason of the patient’s own', async () => {
      const page = await clinic.book(at('17:30'));
      const form = await clinic.visitor.get(`${page}/cancel`);
      for (const fields of [{}, { cancellation_reason: 'prov' }, { cancellation_reason: 'nonsense' }]) {
        const refused = await clinic.visitor.submit(form, `${page}/cancel`, fields);
        expect(refused.status).equal(400);
        expect(refused.text)
          .to.include('href="#cancellation_reason"')
          .and.include('id="cancellation_reason"');
      }
      expect((await clinic.appointment(page)).status).equal('scheduled');
    });

    it('BOOK-5: a second click cancels nothing twice, and another’s visit cannot be seen', async () => {
      const page = await clinic.book(at('18:00'));
      const form = await clinic.visitor.get(`${page}/cancel`);
      const rival = await newGuest(clinic.api);
      for (const path of [page, `${page}/cancel`, `${page}/reschedule`])
        expect((await rival.visitor.get(path)).status, path).equal(404);
      const reason = { cancellation_reason: 'pat' };
      expect((await rival.visitor.submit(form, `${page}/cancel`, reason)).status).equal(404);
      const clicks = await Promise.all(
        [1, 2].map(() => clinic.visitor.submit(form, `${page}/cancel`, reason)),
      );
      expect(
        clicks.map(({ status }) => status).filter((status) => status !== 303 && status !== 409),
      ).deep.equal([]);
      expect((await clinic.visitor.submit(form, `${page}/cancel`, reason)).status).equal(303);
      const { history } = await clinic.appointment(page);
      expect(history.map(({ status }: { status: string }) => status)).deep.equal(['scheduled', 'cancelled']);
      expect((await clinic.visitor.get(`${page}/cancel`)).to).equal(page);
    });

    it('BOOK-8: moves the visit to another slot, and refuses one that is taken with the nearest', async () => {
      const { doctor_id } = await clinic.newDoctor();
      const page = await clinic.book(at('18:30'), doctor_id);
      const rival = await newGuest(clinic.api);
      const form = await clinic.visitor.get(`${page}/reschedule?day=2026-11-25`);
      expect(words(form)).to.include('It is on Tuesday 24 November 2026, 13:30');
      await clinic.hold(doctor_id, at('16:00', '2026-11-25'), rival.visitor);
      const taken = await clinic.visitor.submit(form, `${page}/reschedule`, {
        start: at('16:00', '2026-11-25'),
      });
      expect(taken.status).equal(409);
      expect(words(taken)).to.include('Somebody else').and.include('Wed 25 Nov, 11:30');
      const moved = await clinic.visitor.submit(form, `${page}/reschedule`, {
        start: at('16:30', '2026-11-25'),
      });
      expect(moved).to.include({ status: 303, to: page });
      const { date, status, reschedules } = await clinic.appointment(page);
      expect({ date, status, moves: reschedules.length }).deep.equal({
        ...{ date: at('16:30', '2026-11-25'), status: 'scheduled', moves: 1 },
      });
    });
  });

  describe('GET /my/appointments', () => {
    it('WEB-3: lists what is ahead, the soonest first, and what is over or cancelled', async () => {
      const guest = await newGuest(clinic.api);
      const doctor = await clinic.newDoctor();
      const visits = ['17:00', '15:00', '16:00'].map((time) =>
        clinic.api.post('/appointments', {
          token: guest.token,
          body: { doctor_id: doctor.doctor_id, date: at(time) },
        }),
      );
      const ids = (await Promise.all(visits)).map(({ body }) => body.appointment_id as string);
      const body = { status: 'cancelled', cancellation_reason: 'pat' };
      await clinic.api.patch(`/appointments/${ids[2]}`, { token: guest.token, body });
      const page = words(await guest.visitor.get('/my/appointments'));
      expect(page).to.match(/Upcoming.*24 November 2026, 10:00.*24 November 2026, 12:00.*Earlier.*Cancelled/);
      expect(words(await (await newGuest(clinic.api)).visitor.get('/my/appointments'))).to.include(
        'no visit ahead',
      );
    });

    it('BOOK-7: puts a patient on the waiting list of a full day, once, and takes them off', async () => {
      const guest = await newGuest(clinic.api);
      const day = '2026-11-26';
      const { doctor_id } = await clinic.newDoctor({
        availability: [{ weekday: 4, start: '09:00', end: '09:30' }],
      });
      const free = await guest.visitor.get(`/book/doctors/${doctor_id}?day=${day}`);
      expect(free.text).to.not.include('/wait"');
      const wait = `/book/doctors/${doctor_id}/wait`;
      const form_key = crypto.randomUUID();
      expect((await guest.visitor.post(wait, { form_key, day })).status).equal(409);
      await clinic.book(at('14:00', day), doctor_id);
      const full = await guest.visitor.get(`/book/doctors/${doctor_id}?day=${day}`);
      const joined = await guest.visitor.submit(full, wait, { day });
      expect(joined.to).equal('/my/appointments#waiting');
      expect((await guest.visitor.submit(full, wait, { day })).status).equal(409);
      const list = await guest.visitor.get('/my/appointments');
      expect(words(list)).to.include('Waiting list').and.include('Thursday 26 November');
      const [, leave] = /action="(\/my\/waiting\/[^"]*)"/.exec(list.text)!;
      expect((await guest.visitor.submit(list, leave!)).status).equal(303);
      expect(words(await guest.visitor.get('/my/appointments'))).to.not.include('Waiting list');
    });
  });

  describe('GET /my/notices', () => {
    it('SUP-9: shows what one was told, counts what is new, and marks it as read', async () => {
      const guest = await newGuest(clinic.api);
      const { doctor_id } = await clinic.newDoctor();
      await clinic.api.post('/appointments', { token: guest.token, body: { doctor_id, date: at('15:00') } });
      const page = await guest.visitor.get('/my/notices');
      expect(words(page))
        .to.match(/Notices 1 new/)
        .and.include('Dr Asha Rao');
      expect((await guest.visitor.submit(page, '/my/notices/read')).to).equal('/my/notices');
      expect(words(await guest.visitor.get('/my/notices'))).to.not.match(/Notices 1 new/);
    });
  });
});
