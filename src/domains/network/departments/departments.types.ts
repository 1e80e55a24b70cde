/** A department of a hospital; `department_name` is unique within the hospital. */
export interface Department {
  department_id: string;
  hospital_id: string;
  department_name: string;
  /** `HH:MM` in the hospital's zone; an end before the start is a night's, over on the day after; `24:00` at the latest. */
  operating_start_hour: string;
  operating_end_hour: string;
  created_date: Date;
  last_update: Date;
  version: number;
}
