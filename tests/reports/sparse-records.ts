import { Decimal128, type Document } from 'mongodb';
import { appointment, at, patient, prescription } from '../aggregations/records.js';
import type { Bill } from './reports-fixture.js';

export const diseases = ['Asthma', 'Gout', 'Flu', 'Lupus', 'Mumps'];
export const months = ['2025-01-01', '2025-02-01', '2025-03-01'];

/** The same numbers each time: many of some diseases and few of others, here and there. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

/** Many of some diseases in some places and months, and few in others. */
export function sparseRecords(
  departments: readonly { readonly hospital_id: string; readonly department_id: string }[],
) {
  const random = numbers(7);
  const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * random() * all.length)]!;
  const records = Array.from({ length: 700 }, () => {
    const disease = oneOf(diseases);
    const begin = new Date(at(oneOf(months)).getTime() + Math.floor(random() * 27) * 86_400_000);
    return {
      ...oneOf(departments),
      ...{ patient_id: `P${Math.floor(random() * 200)}`, disease, disease_code: null, begin },
      drug: `Drug for ${disease}`,
    };
  });
  const visits: Document[] = [];
  const prescriptions: Document[] = [];
  const bills: Bill[] = [];
  for (const [n, { begin, drug, ...record }] of records.entries()) {
    const end = new Date(begin.getTime() + Math.floor(random() * 20) * 86_400_000);
    if (n % 2 === 0) visits.push(appointment({ ...record, date: begin, ended_at: end, created_at: begin }));
    else {
      const cost = Decimal128.fromString('10.00');
      prescriptions.push(
        prescription({
          ...record,
          ...{ drug, drug_code: null, start_date: begin, end_date: n % 29 === 0 ? null : end, cost },
        }),
      );
    }
    const kind = n % 4 === 0 ? 'consultation' : 'prescription';
    if (n % 3 > 0)
      bills.push({
        id: `B${n}`,
        ...record,
        kind,
        appointment_id: `A${n}`,
        total_cost: '10.00',
        created_at: begin,
      });
  }
  // Nobody knows when these began.
  for (let n = 0; n < 3; n++)
    prescriptions.push(
      prescription({
        ...departments[0],
        patient_id: `Q${n}`,
        disease: 'Asthma',
        disease_code: null,
        drug: 'Drug for Asthma',
        drug_code: null,
        start_date: null,
      }),
    );
  const patients = Array.from({ length: 200 }, (_, n) => {
    const start = new Date(at(oneOf(months)).getTime() + n * 400_000);
    return patient(`P${n}`, {
      ...{ disease: oneOf(diseases), code: null, start_date: start },
      end_date: new Date(start.getTime() + (n % 30) * 86_400_000),
    });
  });
  return { visits, prescriptions, patients, bills };
}
