import type { Document } from 'mongodb';
import { by } from '../../../databases/mongo/mongo-index.js';
import { diseaseOf, treatmentCells, type Disease } from './disease-durations.js';
import { dayNumber, periodsOf, spans } from './periods.js';
import type { Cell, DocumentRollup } from './rollup.definition.js';

interface Diagnosis {
  readonly disease: string;
  readonly code: string | null;
  readonly start_date: Date;
  readonly end_date: Date | null;
}

/** A patient's diagnoses of one disease that began in one period. */
interface Group {
  readonly key: Disease;
  readonly diagnoses: Diagnosis[];
}

const daysOf = ({ start_date, end_date }: Diagnosis): number[] =>
  end_date ? [dayNumber(end_date, 'UTC') - dayNumber(start_date, 'UTC')] : [];

/** By disease, and within it by period. */
function grouped(diagnoses: readonly Diagnosis[], span: number): Map<string, Map<string, Group>> {
  const diseases = new Map<string, Map<string, Group>>();
  for (const diagnosis of diagnoses) {
    const key = diseaseOf(diagnosis.code, diagnosis.disease);
    const name = JSON.stringify(key);
    const periods = diseases.get(name) ?? new Map<string, Group>();
    diseases.set(name, periods);
    const period = periodsOf(diagnosis.start_date, 'UTC')[span]!;
    const group = periods.get(period) ?? { key, diagnoses: [] };
    periods.set(period, group);
    group.diagnoses.push(diagnosis);
  }
  return diseases;
}

/**
 * How long diagnoses lasted, by the period of their start. Of the `patients` of a month, those who had one that has ended, it is
 * told when they had one before, as in `rollup_doctor_visits`: `first`, `again.2024-11`.
 */
export const diagnosesRollup: DocumentRollup = {
  version: 1,
  collection: 'rollup_diagnoses',
  key: ['span', 'period', 'disease_code', 'disease', 'block'],
  indexes: [
    {
      key: by('span', 'period', 'disease_code', 'disease', 'block'),
      serves: 'disease-trends?basis=diagnoses of a period',
    },
  ],
  source: 'patients',
  fields: ['diagnoses'],
  cells({ diagnoses }: Document) {
    const told = ((diagnoses ?? []) as Diagnosis[]).filter(({ start_date }) => start_date instanceof Date);
    return spans.flatMap((span, n) =>
      [...grouped(told, n).values()].flatMap((periods) => {
        const cells: Cell[] = [];
        let last: string | undefined;
        for (const period of [...periods.keys()].sort()) {
          const { key, diagnoses: all } = periods.get(period)!;
          const days = all.flatMap(daysOf);
          const names = all.map(({ disease }) => disease);
          const prefix = [span, period];
          cells.push(...treatmentCells({ key, days, open: all.length - days.length, names }, prefix));
          if (span !== 'month' || days.length === 0) continue;
          const seen = last === undefined ? 'first' : `again.${last}`;
          cells.push({ key: [...prefix, key.disease_code, key.disease, null], figures: { [seen]: 1 } });
          last = period;
        }
        return cells;
      }),
    );
  },
};
