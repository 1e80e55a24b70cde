import type { ReachPoint } from '../../../contracts/crash-points.js';
import type { Entry } from '../../../contracts/hand-overs.js';
import type { SqlTransaction, TransactSql } from '../../../lib/transaction.js';
import type { PatientMovesRepository } from './patient-moves.repository.js';

export interface PatientMovesDeps {
  readonly moves: PatientMovesRepository;
  readonly merges: { visitsOf(merge_id: string): Promise<string[]> };
  readonly inbox: { take(entry_id: string, tx: SqlTransaction): Promise<boolean> };
  readonly transactSql: TransactSql;
  readonly reach: ReachPoint;
}

/** What the books say of a merge. */
export interface BookedMerge {
  readonly is_undone: boolean;
  /** How many rows of each table were moved. */
  readonly moved: Readonly<Record<string, number>>;
}

export function createPatientMovesService({ moves, merges, inbox, transactSql, reach }: PatientMovesDeps) {
  return {
    /** PAT-7: bills, payments and the ledger follow a merge and its undo, once each. */
    async consumeMerged(entry: Entry<'patient.merged'>): Promise<void> {
      const { act, at, ...move } = entry.payload;
      const visits = act === 'undo' ? await merges.visitsOf(move.merge_id) : [];
      await transactSql(async (tx) => {
        if (!(await inbox.take(entry.entry_id, tx))) return;
        if (act === 'merge') await moves.merge({ ...move, merged_at: at }, tx);
        else await moves.undo({ ...move, undone_at: at }, visits, tx);
        reach('patient.merged', 'applying');
      });
    },

    /** null: they have not heard of it yet. */
    async ofMerge(merge_id: string): Promise<BookedMerge | null> {
      const found = await moves.find(merge_id);
      return found && { is_undone: found.undone_at !== null, moved: await moves.countMoved(merge_id) };
    },
  };
}

export type PatientMovesService = ReturnType<typeof createPatientMovesService>;
