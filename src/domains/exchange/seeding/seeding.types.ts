/** The same options give the same records, to the byte, on any machine. */
export interface SeedOptions {
  readonly patients: number;
  /** Years of history before `until`. */
  readonly years: number;
  readonly seed: number;
  /** When the history ends and the booked future begins; midnight UTC, unless it is `busy`. */
  readonly until: Date;
  /**
   * As busy as hospitals are: few doctors with a clinic a week, most of whose time is booked. Otherwise doctors are there all day, so
   * that any number of patients has room.
   */
  readonly busy?: boolean;
}

export interface SeedCounts {
  readonly stored: number;
  /** Were there already. */
  readonly unchanged: number;
  readonly rejected: number;
}

export const seededKinds = [
  'hospitals',
  'departments',
  'doctors',
  'patients',
  'appointments',
  'prescriptions',
  'billing',
  'payments',
] as const;
export type SeededKind = (typeof seededKinds)[number];

export interface SeedReport {
  readonly options: SeedOptions;
  readonly records: Readonly<Record<SeededKind, SeedCounts>>;
  /** Records stored: 0 when all of them were there already. */
  readonly changes: number;
  readonly rejected: number;
  readonly seconds: number;
  readonly records_per_second: number;
}
