import type { Connection } from 'mongoose';
import { signedIn } from '../../scripts/drill-hospital.js';
import type { Parts } from '../../src/composition.js';
import { openHospital, type FreeDoctor } from '../booking-race/hospital.js';
import { year, type BookingWish, type ListWish, type Sample } from './questions.js';

const patientsAsked = 1000;
const listsAsked = 100;
/** One session for each of them: nobody's second request waits for the first one's count. */
export const readers = 32;
/** So many more that two requests at once are seldom those of one patient, whose bookings wait for one another. */
const bookersOf = (patients: number): number => Math.min(10 * readers, Math.max(2 * readers, patients));
/** More than any server here can take. */
const bookingsASecond = 1500;

/** Who asks ours. */
export interface People {
  /** Access tokens of admins, one session each. */
  readonly readers: readonly string[];
  /** Access tokens of patients. */
  readonly bookers: readonly string[];
}

/** Three months of a doctor, the busiest first. */
async function findLists(connection: Connection): Promise<ListWish[]> {
  const rows = await connection
    .db!.collection('appointments')
    .aggregate<{ _id: { doctor_id: string; from: Date; to: Date } }>([
      { $match: { date: { $gte: new Date(year.from), $lt: new Date(year.to) } } },
      { $set: { from: { $dateTrunc: { date: '$date', unit: 'quarter' } } } },
      { $set: { to: { $dateAdd: { startDate: '$from', unit: 'month', amount: 3 } } } },
      { $group: { _id: { doctor_id: '$doctor_id', from: '$from', to: '$to' }, count: { $sum: 1 } } },
      { $sort: { count: -1, _id: 1 } },
      { $limit: listsAsked },
    ])
    .toArray();
  return rows.map(({ _id: { doctor_id, from, to } }) => ({
    doctor_id,
    from: from.toISOString(),
    to: to.toISOString(),
  }));
}

/** Over all doctors before the next slot: those who ask at once want different doctors. */
function bookingsAt(doctors: readonly FreeDoctor[], patients: number): () => BookingWish {
  let count = 0;
  return () => {
    const { doctor_id, slots } = doctors[count % doctors.length]!;
    const date = slots[Math.floor(count / doctors.length)];
    if (!date) throw new Error('All slots that were made for the benchmark are booked.');
    return { patient: count++ % patients, doctor_id, date };
  };
}

async function admit(parts: Parts): Promise<string[]> {
  const admin = (index: number): Promise<string> =>
    signedIn(parts, {
      email: `reader-${index}@bench.example`,
      password: `one of ${readers} who ask at once`,
      name: `Reader ${index}`,
      role: 'admin',
    });
  return Promise.all(Array.from({ length: readers }, (_, index) => admin(index)));
}

/**
 * Looks at the records for what to ask for, opens a hospital where there is room for `seconds` of bookings, and signs people in.
 */
export async function takeSample(
  parts: Parts,
  connection: Connection,
  seconds: number,
): Promise<{ sample: Sample; people: People }> {
  const patients = await connection
    .db!.collection<{ _id: string }>('patients')
    .find({}, { projection: { _id: 1 } })
    .sort({ _id: 1 })
    .limit(patientsAsked)
    .toArray();
  const lists = await findLists(connection);
  const bookers = bookersOf(patients.length);
  const { tokens, newDoctor } = await openHospital(parts, bookers);
  const doctors = [await newDoctor()];
  const wanted = (seconds * bookingsASecond) / doctors[0]!.slots.length;
  while (doctors.length < wanted) doctors.push(await newDoctor());
  return {
    sample: {
      patients: patients.map(({ _id }) => _id),
      lists,
      bookings: () => bookingsAt(doctors, bookers),
    },
    people: { readers: await admit(parts), bookers: tokens },
  };
}
