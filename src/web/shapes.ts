import type Joi from 'joi';
import { DateTime } from 'luxon';
import { calendarDate, text } from '../lib/fields.js';
import { iso } from '../lib/time.js';

/** A day of the calendar: midnight UTC inside. */
export const day = calendarDate;

/** The same, as the text that it is in an address. */
export const dayText = (): Joi.StringSchema =>
  text(10)
    .pattern(new RegExp(`^${iso.day}$`), 'YYYY-MM-DD')
    .custom((value: string) => {
      if (!DateTime.fromISO(value).isValid) throw new Error('is no day of the calendar');
      return value;
    });
