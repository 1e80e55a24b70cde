import { expect } from 'chai';
import { at, monday, openClinic, type Clinic } from './clinic.js';
import { createVisitor, hiddenFields, newGuest, unescaped, words } from './visitor.js';

/* Through HTTP as a browser without a script would; a browser itself is in booking-pages.browser.int.test.ts. */

describe('the booking pages', () => {
  let clinic: Clinic;
  before(async () => (clinic = await openClinic()));
  after(() => clinic?.api.stop());

  describe('GET /book', () => {
    it('WEB-3: finds departments by their name, their hospital’s and the region', async () => {
      const north = await clinic.api.make.hospital({ name: 'Saint Mary', region: 'Northwest' });
      const south = await clinic.api.make.hospital({ name: 'Riverside Clinic', region: 'Southeast' });
      for (const [hospital, department_name] of [
        [north, 'Neurology'],
        [south, 'Neurology'],
        [south, 'Oncology'],
      ])
        await clinic.api.make.department({ hospital_id: hospital.hospital_id, department_name });
      const found = async (query: string) => {
        const page = words(await createVisitor(clinic.api).get(`/book?${query}`));
        return ['Saint Mary', 'Riverside Clinic', 'Oncology', 'Neurology'].filter((name) =>
          page.includes(name),
        );
      };
      expect(await found('q=neurology')).deep.equal(['Saint Mary', 'Riverside Clinic', 'Neurology']);
      expect(await found('q=clinic+riverside')).deep.equal(['Riverside Clinic', 'Oncology', 'Neurology']);
      expect(await found('q=neurology&region=Southeast')).deep.equal(['Riverside Clinic', 'Neurology']);
      expect(await found('region=Northwest')).deep.equal(['Saint Mary', 'Neurology']);
      expect(words(await clinic.visitor.get('/book?q=%24where'))).to.include('Nothing found');
    });

    it('WEB-3: has a next page while there are more departments', async () => {
      const { hospital_id } = await clinic.api.make.hospital({ region: 'Far away' });
      for (let n = 10; n < 25; n++)
        await clinic.api.make.department({ hospital_id, department_name: `Ward ${n}` });
      const first = await clinic.visitor.get('/book?region=Far+away');
      expect(words(first)).to.include('Ward 10').and.not.include('Ward 24');
      const [, next] = /href="(\/book\?[^"]*cursor=[^"]*)"/.exec(first.text)!;
      expect(words(await clinic.visitor.get(unescaped(next!)))).to.include('Ward 24');
      expect((await clinic.visitor.get('/book?cursor=nonsense')).status).equal(400);
    });
  });

  describe('GET /book/departments/{department_id}', () => {
    it('WEB-3: shows its doctors with the fee and the next free slot on the clock of the hospital', async () => {
      const department_name = 'Cardiology by the sea';
      const { department_id } = await clinic.api.make.department({
        ...{ hospital_id: clinic.hospital_id, department_name },
      });
      await clinic.newDoctor({ department_id, consultation_fee: 1234.5 });
      await clinic.api.make.doctor({
        name: 'Dr Idle',
        department_id,
        availability: [],
      });
      const page = words(await clinic.visitor.get(`/book/departments/${department_id}`));
      expect(page).to.include('Harbour Hospital').and.include('Dr Asha Rao').and.include('$1,234.50');
      expect(page)
        .to.match(/Next free Mon 23 Nov, 08:00/)
        .and.include('No free time at the moment');
    });

    it('WEB-3: answers 404 for one that does not exist, and for what cannot be one', async () => {
      for (const id of ['none-such', '..%2f..', '%24ne', '%00', 'x'.repeat(100)])
        expect((await clinic.visitor.get(`/book/departments/${id}`)).status, id).equal(404);
    });
  });

  describe('GET /book/doctors/{doctor_id}', () => {
    it('WEB-3: shows a week of free slots, those of the asked day by their time, and names the zone', async () => {
      const { doctor_id } = await clinic.newDoctor();
      const page = await clinic.visitor.get(`/book/doctors/${doctor_id}?day=2026-11-25`);
      expect(words(page)).to.include('Wednesday 25 November 2026').and.include('Eastern Standard Time');
      const times = [...page.text.matchAll(/<button class="slot"[^>]*value="([^"]*)"/g)].map(
        ([, value]) => value,
      );
      expect(times.length).equal(20);
      expect([times[0], times.at(-1)]).deep.equal([at('13:00', '2026-11-25'), at('22:30', '2026-11-25')]);
      expect(page.text).to.include('?day=2026-11-30').and.not.include('rel="prev"');
    });

    it('WEB-3: keeps to the days that can be booked, and skips those without a free slot at first', async () => {
      const { doctor_id } = await clinic.newDoctor({
        availability: [{ weekday: 4, start: '09:00', end: '12:00' }],
      });
      const dayShown = async (query: string) =>
        /<h2 id="times"><time datetime="([^"]*)"/.exec(
          (await clinic.visitor.get(`/book/doctors/${doctor_id}${query}`)).text,
        )![1];
      expect(await dayShown('')).equal('2026-11-26');
      expect(await dayShown('?day=2020-01-01')).equal('2026-11-23');
      expect(await dayShown('?day=2199-01-01')).equal('2026-12-23');
      for (const day of ['31-12-2026', '2026-02-31', '2026-13-01', "'", '2026-11-24&day=2026-11-25'])
        expect((await clinic.visitor.get(`/book/doctors/${doctor_id}?day=${day}`)).status, day).equal(400);
    });

    it('WEB-3: asks a stranger who chooses a slot to sign in, and comes back to that slot', async () => {
      const { doctor_id } = await clinic.newDoctor();
      const { email } = await clinic.api.make.account('patient', {
        patient_id: (await clinic.api.make.patient()).patient_id,
      });
      const stranger = createVisitor(clinic.api);
      const page = await stranger.get(`/book/doctors/${doctor_id}?day=2026-11-24`);
      expect(page.text).to.not.include('/hold"');
      const [, link] = /<a class="slot" href="([^"]*)"/.exec(page.text)!;
      const signIn = await stranger.get(unescaped(link!));
      const signedIn = await stranger.submit(signIn, '/sign-in', {
        email,
        password: 'Correct-Horse-9-Battery',
      });
      expect(signedIn.to).to.match(new RegExp(`^/book/doctors/${doctor_id}\\?day=2026-11-24&slot=`));
      const back = await stranger.get(signedIn.to!);
      expect(words(back)).to.include('You chose Tuesday 24 November 2026, 08:00');
      const held = await stranger.submit(back, `/book/doctors/${doctor_id}/hold`, { start: at('13:00') });
      expect(held.to).to.match(/^\/book\/holds\/HO/);
    });

    it('WEB-3: says when the slot that was chosen before is gone', async () => {
      const { doctor_id } = await clinic.newDoctor();
      const page = await clinic.visitor.get(`/book/doctors/${doctor_id}?slot=${at('06:00')}`);
      expect(words(page)).to.include('Somebody else has just taken that time');
    });
  });

  describe('holding and booking', () => {
    it('BOOK-9: holds the slot, says until when, and books it once it is confirmed', async () => {
      const { doctor_id } = await clinic.newDoctor({ consultation_fee: 100 });
      const to = await clinic.hold(doctor_id, at('15:00'));
      const confirm = await clinic.visitor.get(to);
      expect(words(confirm)).to.include('This time is yours until 07:05').and.include('$118.00');
      expect(words(await clinic.visitor.get(`/book/doctors/${doctor_id}`))).to.include(
        'You are holding Tuesday 24',
      );
      const booked = await clinic.visitor.submit(confirm, to, { reason: 'Short <b>breath</b>' });
      expect(booked.status).equal(303);
      const page = await clinic.visitor.get(booked.to!);
      expect(words(page)).to.include('Tuesday 24 November 2026, 10:00').and.include('Not paid');
      expect(page.text).to.include('Short &lt;b&gt;breath&lt;/b&gt;').and.not.include('<b>breath');
      const { status, date, reason, patient_id: whose } = await clinic.appointment(booked.to!);
      expect({ status, date, reason, whose }).deep.equal({
        ...{
          status: 'scheduled',
          date: at('15:00'),
          reason: 'Short <b>breath</b>',
          whose: clinic.patient_id,
        },
      });
    });

    it('BILL-3: holds and books once, however often the form is sent', async () => {
      const { doctor_id } = await clinic.newDoctor();
      const action = `/book/doctors/${doctor_id}/hold`;
      const page = await clinic.visitor.get(`/book/doctors/${doctor_id}`);
      const holds = await Promise.all(
        [1, 2, 3].map(() => clinic.visitor.submit(page, action, { start: at('20:00') })),
      );
      expect(new Set(holds.map(({ status, to }) => `${status} ${to}`)).size).equal(1);
      const to = holds[0]!.to!;
      const confirm = await clinic.visitor.get(to);
      const booked = await Promise.all([1, 2, 3].map(() => clinic.visitor.submit(confirm, to)));
      const later = await clinic.visitor.submit(confirm, to);
      expect(new Set([...booked, later].map(({ status, to: page }) => `${status} ${page}`)).size).equal(1);
      const { items } = (
        await clinic.api.get(`/appointments?doctor_id=${doctor_id}`, { token: clinic.token })
      ).body;
      expect(items.length).equal(1);
      expect(words(await clinic.visitor.get(to))).to.include('not held any more');
    });

    it('BOOK-2: offers the nearest free slots when the chosen one is taken', async () => {
      const { doctor_id } = await clinic.newDoctor();
      const page = await clinic.visitor.get(`/book/doctors/${doctor_id}?day=2026-11-24`);
      const rival = await newGuest(clinic.api);
      await clinic.hold(doctor_id, at('15:00'), rival.visitor);
      const refused = await clinic.visitor.submit(page, `/book/doctors/${doctor_id}/hold`, {
        start: at('15:00'),
      });
      expect(refused.status).equal(409);
      expect(words(refused))
        .to.include('Somebody else has just taken that time')
        .and.include('Tue 24 Nov, 10:30');
      const again = hiddenFields(refused, `/book/doctors/${doctor_id}/hold`);
      const held = await clinic.visitor.post(`/book/doctors/${doctor_id}/hold`, {
        ...again,
        start: at('15:30'),
      });
      expect(held.status).equal(303);
    });

    it('BOOK-2: refuses what is no slot, past or too far ahead, with the page of the doctor', async () => {
      const { doctor_id } = await clinic.newDoctor();
      const page = await clinic.visitor.get(`/book/doctors/${doctor_id}`);
      for (const [start, status, said] of [
        [at('13:07'), 422, 'No visit of this doctor begins'],
        [at('03:00'), 422, 'sees no patients at that time'],
        [at('13:00', '2026-11-22'), 400, 'has passed'],
        [at('13:00', '2027-11-22'), 400, 'further ahead'],
      ] as const) {
        const refused = await clinic.visitor.submit(page, `/book/doctors/${doctor_id}/hold`, { start });
        expect({ start, status: refused.status }).deep.equal({ start, status });
        expect(words(refused)).to.include(said).and.include('Dr Asha Rao');
      }
      for (const start of ['', 'tomorrow', '2026-02-31T10:00:00Z'])
        expect(
          (await clinic.visitor.submit(page, `/book/doctors/${doctor_id}/hold`, { start })).status,
        ).equal(400);
    });

    it('BOOK-9: gives a hold back, and says when one has run out', async () => {
      const { doctor_id } = await clinic.newDoctor();
      const to = await clinic.hold(doctor_id, at('20:30'));
      const confirm = await clinic.visitor.get(to);
      const released = await clinic.visitor.post(`${to}/release`, hiddenFields(confirm, to));
      expect(released).to.include({ status: 303, to: `/book/doctors/${doctor_id}` });
      expect((await clinic.visitor.submit(confirm, to)).status).equal(409);
      const other = await clinic.hold(doctor_id, at('21:00'));
      const late = await clinic.visitor.get(other);
      clinic.api.clock.set(new Date(monday.getTime() + 5 * 60_000));
      try {
        expect(words(await clinic.visitor.get(other))).to.include('The time is not held any more');
        const refused = await clinic.visitor.submit(late, other);
        expect(refused.status).equal(409);
        expect(words(refused)).to.include('not held any more');
      } finally {
        clinic.api.clock.set(monday);
      }
    });

    it('BOOK-9: holds no more than a patient may, and shows what they hold', async () => {
      const { visitor } = await newGuest(clinic.api);
      const { doctor_id } = await clinic.newDoctor();
      for (const time of ['15:00', '16:00', '17:00']) await clinic.hold(doctor_id, at(time), visitor);
      const page = await visitor.get(`/book/doctors/${doctor_id}`);
      const refused = await visitor.submit(page, `/book/doctors/${doctor_id}/hold`, { start: at('18:00') });
      expect(refused.status).equal(409);
      expect(words(refused))
        .to.include('holding as many times as you can')
        .and.include('November 2026, 12:00');
    });

    it('WEB-3: shows names as they are, whatever is in them', async () => {
      const name = `Dr "O'Neil" <script>alert(1)</script> & Sons`;
      const { department_id } = await clinic.api.make.department({ department_name: name });
      const { doctor_id } = await clinic.newDoctor({ name, department_id });
      for (const path of [`/book/doctors/${doctor_id}`, `/book/departments/${department_id}`]) {
        const page = await clinic.visitor.get(path);
        expect(page.text).to.not.include('<script');
        expect(words(page)).to.include(name);
      }
    });

    it('PAT-5: shows nobody the hold of another patient', async () => {
      const { doctor_id } = await clinic.newDoctor();
      const to = await clinic.hold(doctor_id, at('21:30'));
      const rival = await newGuest(clinic.api);
      expect((await rival.visitor.get(to)).status).equal(404);
      const confirm = await clinic.visitor.get(to);
      const taken = await rival.visitor.post(to, hiddenFields(confirm, to));
      expect(taken.status).to.be.oneOf([404, 409]);
      expect((await clinic.visitor.submit(confirm, to)).status).equal(303);
    });
  });
});
