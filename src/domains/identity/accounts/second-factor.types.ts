/** AUTH-11: what a user signs in with beside the password. */
export interface SecondFactor {
  user_id: string;
  /** By a key that is in no store. */
  sealed_secret: string;
  /** null: begun, and of no use until a code of it is shown. */
  confirmed_at: Date | null;
  /** Of the last code that was taken: it, and those before it, are taken no more. */
  last_step: number | null;
  /** Of the recovery codes that are left. */
  recovery_hashes: string[];
  created_at: Date;
}
