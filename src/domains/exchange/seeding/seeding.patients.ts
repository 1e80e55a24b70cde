import { utcDay } from '../../../lib/period.js';
import type { ImportedAppointment } from '../../clinical/appointments/appointments.types.js';
import {
  blankPatient,
  type Allergy,
  type Diagnosis,
  type KnownPatient,
  type Patient,
} from '../../clinical/patients/patients.types.js';
import type { Prescription } from '../../clinical/prescriptions/prescriptions.types.js';
import type { BillingRow } from '../../money/billing/billing.types.js';
import { generateVisits, type Visit } from './seeding.visits.js';
import { nameOf, type SeededNetwork } from './seeding.network.js';
import { streets } from './seeding.names.js';
import type { SeedPlan } from './seeding.plan.js';
import { createRandom, type Random } from './seeding.random.js';

/** A patient and all that happened to them. */
export interface SeededPatient {
  readonly patient: Patient;
  readonly visits: readonly Visit[];
  readonly appointments: readonly ImportedAppointment[];
  readonly prescriptions: readonly Prescription[];
  readonly billing: readonly BillingRow[];
}

const dayMs = 86_400_000;

const allergies: readonly Allergy[] = [
  { substance: 'Penicillin V', code: '7984', category: 'medication', reaction: 'Rash', severity: 'moderate' },
  { substance: 'Aspirin', code: '1191', category: 'medication', reaction: 'Wheal', severity: 'mild' },
  { substance: 'Peanut', code: '762952008', category: 'food', reaction: 'Anaphylaxis', severity: 'severe' },
  { substance: 'Grass pollen', code: '256277009', category: 'environment', reaction: null, severity: null },
  {
    substance: 'House dust mite',
    code: '260147004',
    category: 'environment',
    reaction: null,
    severity: null,
  },
];

function allergiesOf(random: Random): Patient['allergies'] {
  if (random.chance(0.15))
    return { state: 'listed', items: random.sample(allergies, random.between(1, 2), () => 1) };
  return { state: random.chance(0.6) ? 'none_known' : 'not_asked', items: [] };
}

const daysUntilBetter = 10;

/** A disease is diagnosed at the first visit for it that took place; one that passes ends days after the last one. */
function diagnosesOf(visits: readonly Visit[], until: Date): Diagnosis[] {
  const diagnoses: Diagnosis[] = [];
  for (const { disease, appointment } of visits) {
    if (!disease || appointment.status !== 'completed') continue;
    const day = utcDay(appointment.date);
    const better = new Date(day.getTime() + daysUntilBetter * dayMs);
    const end_date = disease.chronic || better >= until ? null : better;
    const known = diagnoses.findLast(({ code }) => code === disease.disease_code);
    if (known && (known.end_date === null || known.end_date >= day)) known.end_date = end_date;
    else diagnoses.push({ disease: disease.disease, code: disease.disease_code, start_date: day, end_date });
  }
  return diagnoses;
}

/** The patient of this number, the same whichever others are made. */
export function generatePatient(plan: SeedPlan, { doctors }: SeededNetwork, number: number): SeededPatient {
  const { prefix, options, start } = plan;
  const random = createRandom(`${options.seed} patient ${number}`);
  const patient_id = `${prefix}-P${number}`;
  const sex = random.pick(['female', 'male'] as const);
  // The sum of two throws: more middle-aged than very young or very old.
  const ageDays = Math.floor((random.next() + random.next()) * 46 * 365.25);
  const name = nameOf(random, sex);
  const visits = generateVisits(plan, doctors, { patient_id, number, random });
  const { city } = doctors[visits.doctor]!;
  const known: KnownPatient = {
    patient_id,
    name,
    date_of_birth: new Date(utcDay(start).getTime() - ageDays * dayMs),
    date_of_birth_estimated: random.chance(0.02),
    sex,
    diagnoses: diagnosesOf(visits.visits, options.until),
    allergies: allergiesOf(random),
    contact: {
      phone: `+1 555 01${String(random.between(0, 99)).padStart(2, '0')}`,
      email: random.chance(0.8) ? `p${number}.${prefix.toLowerCase()}@patients.example` : null,
      address: `${random.between(1, 250)} ${random.pick(streets)}, ${city}`,
    },
  };
  return {
    // In a busy network patients come to it over the years.
    patient: blankPatient(known, (options.busy && visits.visits[0]?.appointment.created_at) || start),
    visits: visits.visits,
    appointments: visits.visits.map(({ appointment }) => appointment),
    prescriptions: visits.visits.flatMap(({ prescriptions }) => prescriptions),
    billing: visits.visits.flatMap(({ billing }) => billing),
  };
}
