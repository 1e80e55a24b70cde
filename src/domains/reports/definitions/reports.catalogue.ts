import { averagePrescriptionCostReport } from './average-prescription-cost/average-prescription-cost.report.js';
import { diseaseTrendsReport } from './disease-trends/disease-trends.report.js';
import { doctorUtilisationReport } from './doctor-utilisation/doctor-utilisation.report.js';
import { drugSpendReport } from './drug-spend/drug-spend.report.js';
import { monthlyAppointmentsTrendReport } from './monthly-appointments-trend/monthly-appointments-trend.report.js';
import { newAndReturningPatientsReport } from './new-and-returning-patients/new-and-returning-patients.report.js';
import { noShowRateReport } from './no-show-rate/no-show-rate.report.js';
import { patientFlowReport } from './patient-flow/patient-flow.report.js';
import type { AnyReport } from '../engine/reports.definition.js';
import { returningPatientsReport } from './returning-patients/returning-patients.report.js';
import { revenueReport } from './revenue/revenue.report.js';
import { topDoctorsReport } from './top-doctors/top-doctors.report.js';
import { waitingTimesReport } from './waiting-times/waiting-times.report.js';

/** Every report. A new one goes here and has its route, its CSV, its OpenAPI entry and its command. */
export const reportCatalogue: readonly AnyReport[] = [
  topDoctorsReport,
  diseaseTrendsReport,
  monthlyAppointmentsTrendReport,
  averagePrescriptionCostReport,
  noShowRateReport,
  waitingTimesReport,
  patientFlowReport,
  newAndReturningPatientsReport,
  returningPatientsReport,
  doctorUtilisationReport,
  drugSpendReport,
  revenueReport,
];
