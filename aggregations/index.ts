import { averagePrescriptionCost } from './average-prescription-cost.js';
import { diseaseTrends } from './disease-trends.js';
import { doctorUtilisation } from './doctor-utilisation.js';
import { drugSpend } from './drug-spend.js';
import { monthlyAppointmentsTrend } from './monthly-appointments-trend.js';
import { noShowRate } from './no-show-rate.js';
import { patientFlow } from './patient-flow.js';
import { returningPatients } from './returning-patients.js';
import { revenue } from './revenue.js';
import { topDoctors } from './top-doctors.js';

/** Every pipeline, by the name of its file, its report and its route. */
export const aggregations = {
  'top-doctors': topDoctors,
  'disease-trends': diseaseTrends,
  'monthly-appointments-trend': monthlyAppointmentsTrend,
  'average-prescription-cost': averagePrescriptionCost,
  'no-show-rate': noShowRate,
  'patient-flow': patientFlow,
  'returning-patients': returningPatients,
  'doctor-utilisation': doctorUtilisation,
  'drug-spend': drugSpend,
  revenue,
} as const;
