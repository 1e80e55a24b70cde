import { averagePrescriptionCostReport } from './definitions/average-prescription-cost.report.js';
import { diseaseTrendsReport } from './definitions/disease-trends.report.js';
import { doctorUtilisationReport } from './definitions/doctor-utilisation.report.js';
import { drugSpendReport } from './definitions/drug-spend.report.js';
import { monthlyAppointmentsTrendReport } from './definitions/monthly-appointments-trend.report.js';
import { noShowRateReport } from './definitions/no-show-rate.report.js';
import { patientFlowReport } from './definitions/patient-flow.report.js';
import type { AnyReport } from './reports.definition.js';
import { returningPatientsReport } from './definitions/returning-patients.report.js';
import { revenueReport } from './definitions/revenue.report.js';
import { topDoctorsReport } from './definitions/top-doctors.report.js';

/** Every report. A new one goes here and has its route, its CSV, its OpenAPI entry and its command. */
export const reportCatalogue: readonly AnyReport[] = [
  topDoctorsReport,
  diseaseTrendsReport,
  monthlyAppointmentsTrendReport,
  averagePrescriptionCostReport,
  noShowRateReport,
  patientFlowReport,
  returningPatientsReport,
  doctorUtilisationReport,
  drugSpendReport,
  revenueReport,
];
