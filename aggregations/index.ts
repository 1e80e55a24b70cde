import { averagePrescriptionCost } from './average-prescription-cost.js';
import { diseaseTrends } from './disease-trends.js';
import { monthlyAppointmentsTrend } from './monthly-appointments-trend.js';
import { topDoctors } from './top-doctors.js';

/** Every pipeline, by the name of its file, its report and its route. */
export const aggregations = {
  'top-doctors': topDoctors,
  'disease-trends': diseaseTrends,
  'monthly-appointments-trend': monthlyAppointmentsTrend,
  'average-prescription-cost': averagePrescriptionCost,
} as const;
