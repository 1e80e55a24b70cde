import { toCents } from '../../../lib/money.js';
import type { AnyReport } from './reports.definition.js';
import type { CountNote, ReportAnswer } from './reports.types.js';

/** REP-13: what is to be said beside the figures. Without a receipt no sum is told: it may tell one that is hidden. */
export function notesOf(
  { counts_differently = [] }: Pick<AnyReport, 'counts_differently'>,
  receipt: object | undefined,
): CountNote[] {
  return counts_differently.flatMap(({ leftOut, ...note }): CountNote[] => {
    if (!leftOut || !receipt) return [note];
    const left_out = leftOut(receipt as never);
    return toCents(left_out) === 0n ? [] : [{ ...note, left_out }];
  });
}

const amount = new Intl.NumberFormat('en', { minimumFractionDigits: 2 });

/** `Billed leaves out 109,967.00.`, and why. */
export function noteLines({ notes = [], columns }: Pick<ReportAnswer, 'notes' | 'columns'>): string[] {
  return notes.map(({ about, why, left_out }) => {
    const { title } = columns.find(({ name }) => name === about)!;
    // From the exact text: no float in between.
    const sum = left_out === undefined ? '' : ` leaves out ${amount.format(left_out as `${number}`)}`;
    return `${title}${sum}: ${why}`;
  });
}
