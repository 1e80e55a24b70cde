/** A hospital of the network. Its `time_zone` decides what its clocks, slots and department hours mean. */
export interface Hospital {
  hospital_id: string;
  name: string;
  /** State, county or health region: whatever the network reports by. */
  region: string;
  address: string | null;
  location: { latitude: number; longitude: number } | null;
  time_zone: string;
  version: number;
  created_at: Date;
  updated_at: Date;
}
