import type { MongoTransaction } from '../../lib/transaction.js';
import type { FreedSlot } from '../appointments/index.js';

export function createWaitingListService() {
  return {
    /**
     * Whoever waits first for that doctor and day gets the slot held and is told, in the transaction that frees it
     * (after its claims are gone).
     */
    offer: (_slot: FreedSlot, _tx: MongoTransaction): Promise<void> => Promise.resolve(),
    /** The hold of an offer was booked. */
    booked: (_hold_id: string, _tx: MongoTransaction): Promise<void> => Promise.resolve(),
    /** Ends the offers that ran out, and offers their slots to the next who waits. */
    sweep: (): Promise<void> => Promise.resolve(),
  };
}

export type WaitingListService = ReturnType<typeof createWaitingListService>;
