/** What the review by an admin came to. */
export const findings = ['justified', 'not_justified'] as const;
export type Finding = (typeof findings)[number];

export interface Review {
  finding: Finding;
  note: string | null;
  at: Date;
  by: string;
}

/** PAT-8: a record that a doctor opened who neither treats the patient nor works in the patient's department. */
export interface EmergencyAccess {
  emergency_access_id: string;
  user_id: string;
  doctor_id: string | null;
  patient_id: string;
  reason: string;
  opened_at: Date;
  /** The record is closed again from then on. */
  expires_at: Date;
  /** null: it waits to be reviewed. */
  review: Review | null;
  version: number;
}

/** The header `Break-Glass` of a request, and where that came from. */
export interface BreakGlass {
  /** null: the header was not sent. */
  readonly reason: string | null;
  readonly address: string | null;
  readonly request_id: string | null;
}

export const breakGlassOf = (request: {
  readonly break_glass: string | null;
  readonly address: string;
  readonly id: string;
}): BreakGlass => ({ reason: request.break_glass, address: request.address, request_id: request.id });
