import { appointmentCounts } from './appointment-counts.rollup.js';
import { bookedTime } from './booked-time.rollup.js';
import { cohorts } from './cohorts.rollup.js';
import { diagnosesRollup } from './diagnoses.rollup.js';
import { doctorRanking } from './doctor-ranking.rollup.js';
import { doctorVisits } from './doctor-visits.rollup.js';
import { drugSpendRollup } from './drug-spend.rollup.js';
import type { Rollup } from './rollup.definition.js';
import { appointmentEpisodes, prescriptionEpisodes } from './treatment-episodes.rollup.js';
import { visitTimes } from './visit-times.rollup.js';

/** Every rollup of MongoDB's documents. A new one goes here and is built at the next start. */
export const rollupCatalogue: readonly Rollup[] = [
  appointmentCounts,
  doctorVisits,
  doctorRanking,
  appointmentEpisodes,
  prescriptionEpisodes,
  diagnosesRollup,
  visitTimes,
  cohorts,
  bookedTime,
  drugSpendRollup,
];
