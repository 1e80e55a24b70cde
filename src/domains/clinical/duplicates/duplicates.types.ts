/** How far two records agree in something. */
export const agreements = ['same', 'similar', 'swapped', 'different'] as const;
export type Agreement = (typeof agreements)[number];

export const comparedFields = ['name', 'date_of_birth', 'sex', 'phone', 'email', 'national_id'] as const;
export type ComparedField = (typeof comparedFields)[number];

/** What one field says for or against it that two records are one patient's, in bits. */
export interface Reason {
  field: ComparedField;
  agreement: Agreement;
  weight: number;
}

export const duplicateStatuses = ['open', 'dismissed'] as const;

/** PAT-7: two records that may be of one patient. */
export interface Duplicate {
  duplicate_id: string;
  /** The two, in the order of their ids. */
  patient_ids: string[];
  score: number;
  reasons: Reason[];
  status: (typeof duplicateStatuses)[number];
  found_at: Date;
  dismissed: { at: Date; by: string; note: string | null } | null;
  version: number;
}
