/** A target is of the hospitals and of nobody: its figure is the one that every manager sees. */
export const targetAsker = { role: 'manager', doctor_id: null } as const;
