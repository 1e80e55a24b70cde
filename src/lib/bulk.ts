/** What became of a batch of records that came in bulk: every one is counted, none stops the rest. */
export interface BulkResult {
  readonly stored: number;
  /** Was there already: running an import twice changes nothing. */
  readonly unchanged: number;
  readonly rejected: readonly { readonly id: string; readonly reason: string }[];
}
