import { fromCents } from '../../../lib/money.js';
import type { Department } from '../../network/departments/departments.types.js';
import type { AvailabilityWindow, Doctor } from '../../network/doctors/doctors.types.js';
import type { Hospital } from '../../network/hospitals/hospitals.types.js';
import type { Mapped } from './imports.types.js';
import { address, type SyntheaRow } from './synthea.columns.js';
import { timeZoneOfState } from './us-time-zones.js';
import { degrees, digest, foreignId, pick, requiredText, tryMap } from './values.js';

export const toHospital = (row: SyntheaRow<'organizations'>, now: Date): Mapped<Hospital> =>
  tryMap(() => {
    const latitude = degrees(row.LAT, 90);
    const longitude = degrees(row.LON, 180);
    const hospital = {
      hospital_id: foreignId(row, 'Id'),
      name: requiredText(row, 'NAME'),
      region: requiredText(row, 'STATE'),
      address: address(row),
      location: latitude === null || longitude === null ? null : { latitude, longitude },
      time_zone: timeZoneOfState(row.STATE),
      created_at: now,
      updated_at: now,
    };
    return { record: { ...hospital, version: 1 } };
  });

const officeHours: readonly AvailabilityWindow[] = [1, 2, 3, 4, 5].map((weekday) => ({
  weekday,
  start: '09:00',
  end: '17:00',
}));

/**
 * A provider is a doctor in the department of that speciality at the provider's organization. What Synthea does not
 * have follows from the id, the same at every run: registration until 2030 to 2035, a fee of 80 to 245.
 */
export const toDoctor = (
  row: SyntheaRow<'providers'>,
  now: Date,
): Mapped<{ doctor: Doctor; department: Department }> =>
  tryMap(() => {
    const doctor_id = foreignId(row, 'Id');
    const hospital_id = foreignId(row, 'ORGANIZATION');
    const specialty = requiredText(row, 'SPECIALITY');
    const department_id = `DEP-${digest([hospital_id, specialty], 24)}`;
    const department = {
      department_id,
      hospital_id,
      department_name: specialty,
      operating_start_hour: '08:00',
      operating_end_hour: '18:00',
      created_date: now,
      last_update: now,
    };
    const doctor = {
      doctor_id,
      name: requiredText(row, 'NAME'),
      specialty,
      department_id,
      hospital_id,
      registration_number: `SYN-${digest(['registration', doctor_id], 16).toUpperCase()}`,
      registration_expiry: new Date(Date.UTC(2030, 0, 1 + pick(`expiry ${doctor_id}`, 6 * 365))),
      consultation_fee: fromCents(BigInt(8000 + 500 * pick(`fee ${doctor_id}`, 34))),
      availability: [...officeHours],
      slot_minutes: 15,
      slot_capacity: 1,
      leave_days: [],
      accepting: true,
      user_id: null,
      created_at: now,
      updated_at: now,
    };
    return { record: { doctor: { ...doctor, version: 1 }, department: { ...department, version: 1 } } };
  });
