/** Where most people of a state live, for the states whose clocks are not New York's. */
const statesOf: Readonly<Record<string, readonly string[]>> = {
  'America/Chicago': [
    'AL', 'AR', 'IA', 'IL', 'KS', 'LA', 'MN', 'MO', 'MS', 'ND', 'NE', 'OK', 'SD', 'TN', 'TX', 'WI',
  ],
  'America/Denver': ['CO', 'ID', 'MT', 'NM', 'UT', 'WY'],
  'America/Phoenix': ['AZ'],
  'America/Los_Angeles': ['CA', 'NV', 'OR', 'WA'],
  'America/Anchorage': ['AK'],
  'Pacific/Honolulu': ['HI'],
  'America/Puerto_Rico': ['PR', 'VI'],
  'Pacific/Guam': ['GU', 'MP'],
  'Pacific/Pago_Pago': ['AS'],
}; // prettier-ignore

/** The IANA zone of a US state or territory by its two letters; New York's for the others. */
export function timeZoneOfState(state: string): string {
  const found = Object.entries(statesOf).find(([, states]) => states.includes(state));
  return found?.[0] ?? 'America/New_York';
}
