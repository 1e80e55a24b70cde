import type { DoseUnit, Frequency } from '../../clinical/prescriptions/prescriptions.types.js';

export interface Drug {
  readonly drug: string;
  /** RxNorm. */
  readonly drug_code: string;
  readonly value: number;
  readonly unit: DoseUnit;
  readonly frequency: Frequency;
  /** A usual price of the course, in cents. */
  readonly cents: number;
  readonly days: number;
}

export interface Disease {
  readonly disease: string;
  /** SNOMED CT. */
  readonly disease_code: string;
  /** Stays open once it is diagnosed. */
  readonly chronic: boolean;
  readonly drugs: readonly Drug[];
}

export interface Specialty {
  readonly name: string;
  /** The usual consultation fee in cents. */
  readonly fee: number;
  readonly diseases: readonly Disease[];
}

const drug = (
  name: string,
  drug_code: string,
  [value, unit]: readonly [number, DoseUnit],
  frequency: Frequency,
  [cents, days]: readonly [number, number],
): Drug => ({ drug: name, drug_code, value, unit, frequency, cents, days });

const disease = (name: string, disease_code: string, drugs: readonly Drug[]): Disease => ({
  disease: name,
  disease_code,
  chronic: true,
  drugs,
});
const passing = (name: string, disease_code: string, drugs: readonly Drug[]): Disease => ({
  ...disease(name, disease_code, drugs),
  chronic: false,
});

const amoxicillin = drug(
  'Amoxicillin 250 MG Oral Capsule',
  '308182',
  [250, 'mg'],
  'three_times_daily',
  [1240, 10],
);
const ibuprofen = drug('Ibuprofen 200 MG Oral Tablet', '310965', [200, 'mg'], 'every_8_hours', [690, 7]);
const prednisone = drug('Prednisone 5 MG Oral Tablet', '312617', [5, 'mg'], 'once_daily', [455, 14]);
const metformin = drug(
  'Metformin 500 MG Extended Release Oral Tablet',
  '860975',
  [500, 'mg'],
  'twice_daily',
  [1130, 90],
);
const lisinopril = drug('Lisinopril 10 MG Oral Tablet', '314076', [10, 'mg'], 'once_daily', [820, 90]);
const simvastatin = drug('Simvastatin 20 MG Oral Tablet', '312961', [20, 'mg'], 'at_bedtime', [1480, 90]);
const clopidogrel = drug('Clopidogrel 75 MG Oral Tablet', '309362', [75, 'mg'], 'once_daily', [2135, 90]);
const albuterol = drug(
  'Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler',
  '2123111',
  [2, 'puff'],
  'as_needed',
  [4870, 60],
);
const fluticasone = drug(
  'Fluticasone 0.25 MG/ACTUAT / Salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler',
  '896209',
  [1, 'puff'],
  'twice_daily',
  [19260, 60],
);

/**
 * Eight departments of a hospital, with what is treated there. The codes (SNOMED CT, RxNorm) are those that Synthea uses;
 * prices and doses are only plausible.
 */
export const specialties: readonly Specialty[] = [
  { name: 'General Practice', fee: 9500, diseases: [
    disease('Essential hypertension (disorder)', '59621000', [lisinopril, drug('Amlodipine 2.5 MG Oral Tablet', '308136', [2.5, 'mg'], 'once_daily', [735, 90])]),
    passing('Acute bronchitis (disorder)', '10509002', [amoxicillin, drug('Acetaminophen 21.7 MG/ML / Dextromethorphan Hydrobromide 1 MG/ML Oral Solution', '1043400', [15, 'ml'], 'every_6_hours', [860, 7])]),
    passing('Viral sinusitis (disorder)', '444814009', [ibuprofen]),
    passing('Streptococcal sore throat (disorder)', '43878008', [amoxicillin]),
  ] },
  { name: 'Cardiology', fee: 24000, diseases: [
    disease('Ischemic heart disease (disorder)', '414545008', [clopidogrel, simvastatin, drug('Nitroglycerin 0.4 MG/ACTUAT Mucosal Spray', '705129', [1, 'puff'], 'as_needed', [8415, 30])]),
    disease('Atrial fibrillation (disorder)', '49436004', [drug('Warfarin Sodium 5 MG Oral Tablet', '855332', [5, 'mg'], 'once_daily', [1690, 90]), drug('Digoxin 0.125 MG Oral Tablet', '197604', [0.125, 'mg'], 'once_daily', [2310, 90])]),
    disease('Chronic congestive heart failure (disorder)', '88805009', [drug('Furosemide 40 MG Oral Tablet', '313988', [40, 'mg'], 'once_daily', [540, 60]), lisinopril]),
  ] },
  { name: 'Endocrinology', fee: 21000, diseases: [
    disease('Diabetes mellitus type 2 (disorder)', '44054006', [metformin, drug('Insulin Lispro 100 UNT/ML Injectable Solution', '865098', [8, 'unit'], 'three_times_daily', [27850, 30])]),
    disease('Idiopathic atrophic hypothyroidism (disorder)', '83664006', [drug('Levothyroxine Sodium 0.075 MG Oral Tablet', '966222', [75, 'mcg'], 'once_daily', [1320, 90])]),
    disease('Hyperlipidemia (disorder)', '55822004', [simvastatin]),
  ] },
  { name: 'Respiratory Medicine', fee: 19500, diseases: [
    disease('Asthma (disorder)', '195967001', [albuterol, fluticasone]),
    disease('Chronic obstructive bronchitis (disorder)', '185086009', [fluticasone, prednisone]),
    passing('Pneumonia (disorder)', '233604007', [drug('Azithromycin 250 MG Oral Tablet', '308460', [250, 'mg'], 'once_daily', [1875, 5]), amoxicillin]),
  ] },
  { name: 'Orthopaedics', fee: 18000, diseases: [
    disease('Osteoarthritis of knee (disorder)', '239873007', [drug('Naproxen 500 MG Oral Tablet', '198014', [500, 'mg'], 'twice_daily', [1130, 30]), drug('Acetaminophen 500 MG Oral Tablet', '198440', [500, 'mg'], 'every_6_hours', [510, 30])]),
    passing('Sprain of ankle (disorder)', '44465007', [ibuprofen]),
    passing('Fracture of clavicle (disorder)', '58150001', [ibuprofen, drug('Acetaminophen 300 MG / Hydrocodone Bitartrate 5 MG Oral Tablet', '856987', [1, 'tablet'], 'every_6_hours', [2290, 5])]),
  ] },
  { name: 'Dermatology and Rheumatology', fee: 16500, diseases: [
    disease('Atopic dermatitis (disorder)', '24079001', [drug('Hydrocortisone 10 MG/ML Topical Cream', '106258', [1, '%'], 'twice_daily', [925, 21])]),
    disease('Rheumatoid arthritis (disorder)', '69896004', [drug('Methotrexate 2.5 MG Oral Tablet', '105585', [2.5, 'mg'], 'weekly', [3160, 84])]),
    passing('Contact dermatitis (disorder)', '40275004', [prednisone]),
  ] },
  { name: 'Gynaecology and Urology', fee: 20500, diseases: [
    passing('Acute infective cystitis (disorder)', '307426000', [drug('Nitrofurantoin 5 MG/ML Oral Suspension', '311989', [10, 'ml'], 'four_times_daily', [3045, 7])]),
    disease('Osteoporosis (disorder)', '64859006', [drug('Alendronic acid 10 MG Oral Tablet', '904419', [10, 'mg'], 'once_daily', [1985, 90])]),
    passing('Pyelonephritis (disorder)', '45816000', [drug('Ciprofloxacin 500 MG Oral Tablet', '309309', [500, 'mg'], 'twice_daily', [1410, 7])]),
  ] },
  { name: 'Oncology', fee: 31000, diseases: [
    disease('Malignant neoplasm of breast (disorder)', '254837009', [drug('Tamoxifen 10 MG Oral Tablet', '198240', [10, 'mg'], 'once_daily', [4380, 90]), drug('Paclitaxel 100 MG Injection', '583214', [100, 'mg'], 'weekly', [136420, 21])]),
    disease('Malignant tumor of colon (disorder)', '363406005', [drug('Leucovorin 100 MG Injection', '1803932', [100, 'mg'], 'every_other_day', [71205, 14])]),
    disease('Anemia (disorder)', '271737000', [drug('Ferrous sulfate 325 MG Oral Tablet', '310325', [325, 'mg'], 'once_daily', [615, 60])]),
  ] },
]; // prettier-ignore
