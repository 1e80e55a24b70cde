import { averagePrescriptionCostReport } from './average-prescription-cost.report.js';
import { diseaseTrendsReport } from './disease-trends.report.js';
import { doctorUtilisationReport } from './doctor-utilisation.report.js';
import { drugSpendReport } from './drug-spend.report.js';
import { monthlyAppointmentsTrendReport } from './monthly-appointments-trend.report.js';
import { noShowRateReport } from './no-show-rate.report.js';
import { patientFlowReport } from './patient-flow.report.js';
import type { AnyReport } from './reports.definition.js';
import { returningPatientsReport } from './returning-patients.report.js';
import { revenueReport } from './revenue.report.js';
import { topDoctorsReport } from './top-doctors.report.js';

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
