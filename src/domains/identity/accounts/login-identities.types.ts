/** AUTH-7: an account elsewhere that signs in to one here. */
export interface LoginIdentity {
  /** Of the issuer and its name for the person: one account here, whatever their address becomes there. */
  identity_id: string;
  user_id: string;
  provider: string;
  linked_at: Date;
}
