import { timeTag } from '../format.js';
import { readable } from '../../lib/names.js';
import { html, path } from '../../lib/html.js';
import type { View } from '../page.js';
import { calendar, refusalOf, type CalendarView } from './calendar.page.js';
import { breadcrumbs } from '../parts.js';

interface RescheduleView {
  readonly appointment_id: string;
  readonly date: Date;
  readonly doctor_name: string;
  readonly calendar: CalendarView;
}

export function reschedulePage({ appointment_id, date, doctor_name, calendar: view }: RescheduleView): View {
  const back = path`/my/appointments/${appointment_id}`;
  return {
    title: `${view.refusal ? 'Error: ' : ''}Move the visit`,
    main: html`${refusalOf(view)}
      ${breadcrumbs([
        { href: '/my/appointments', text: 'My appointments' },
        { href: back, text: 'Your visit' },
      ])}
      <h1>Move the visit</h1>
      <p class="lead">
        It is on ${timeTag(date, view.zone)} with ${readable(doctor_name)}, and stays there until you choose
        another time. Moving costs nothing, and what you paid stays paid.
      </p>
      ${calendar(view)}`,
  };
}
