import { money, sumMoney, type Money } from '../../src/lib/money.js';
import type { Answered } from './clients.js';

export interface StoredEntry {
  readonly journal_id: string;
  readonly kind: string;
  readonly account: string;
  readonly amount: string;
  readonly transaction_id: string | null;
}

/** What Postgres holds, whole. Numbers of documents are null where none was given. */
export interface StoredBooks {
  readonly transactions: readonly {
    readonly transaction_id: string;
    readonly appointment_id: string;
    readonly invoice_number: string;
    readonly receipt_number: string;
  }[];
  readonly refunds: readonly {
    readonly refund_id: string;
    readonly transaction_id: string;
    readonly credit_note_number: string | null;
  }[];
  readonly entries: readonly StoredEntry[];
}

export interface Verdict {
  /** Payments and refunds that a client was told of, and the ledger does not have, or has with other amounts. */
  readonly missing: readonly string[];
  /** What is there twice, or that nobody was told of, though every client asked until it was answered. */
  readonly doubled: readonly string[];
  /** Journals that do not balance, by their id. */
  readonly unbalanced: readonly string[];
  readonly ledger_sum: Money;
  /** Numbers of documents that are left out, or given twice: `invoice 17`. */
  readonly gaps: readonly string[];
}

/** Account and amount of each line that is not nothing, in an order of its own: equal for equal journals. */
const journalText = (lines: readonly { account: string; amount: string }[]): string =>
  lines
    .filter(({ amount }) => money(amount) !== '0.00')
    .map(({ account, amount }) => `${account} ${money(amount)}`)
    .sort()
    .join(', ');

/** The other side of an amount as an answer has it. */
const minus = (amount: number): Money => money(`-${amount}`);

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

/** What is not 1, 2, 3, … without a gap. */
function gapsOf(series: string, numbers: readonly string[]): string[] {
  const sorted = numbers.map(Number).sort((a, b) => a - b);
  const given = new Set(sorted);
  const left = Array.from({ length: sorted.at(-1) ?? 0 }, (_, index) => index + 1).filter(
    (number) => !given.has(number),
  );
  return [...left.map(String), ...repeated(sorted.map(String))].map((number) => `${series} ${number}`);
}

/** The journals that must be there, by the name of what a client was told; the tax goes to the state, and comes from it. */
function journalsOf({ payments, refunds }: Answered): Map<string, { id: string; text: string }> {
  const paid = payments.map(({ transaction_id: id, fee, gst, total_fee }) => {
    const lines = [
      { account: 'cash', amount: String(total_fee) },
      { account: 'receivable', amount: minus(fee) },
      { account: 'gst_payable', amount: minus(gst) },
    ];
    return [`payment ${id}`, { id, text: journalText(lines) }] as const;
  });
  const given = refunds.map(({ refund_id: id, amount, gst }) => {
    const lines = [
      { account: 'cash', amount: minus(amount) },
      { account: 'receivable', amount: sumMoney([String(amount), minus(gst)]) },
      { account: 'gst_payable', amount: String(gst) },
    ];
    return [`refund ${id}`, { id, text: journalText(lines) }] as const;
  });
  return new Map([...paid, ...given]);
}

/** Compares what clients were told with what the ledger holds, to the cent. Pure. */
export function judge(told: Answered, { transactions, refunds, entries }: StoredBooks): Verdict {
  const journals = new Map<string, StoredEntry[]>();
  for (const entry of entries) {
    const lines = journals.get(entry.journal_id);
    if (lines) lines.push(entry);
    else journals.set(entry.journal_id, [entry]);
  }
  const expected = journalsOf(told);
  const stored = [
    ...transactions.map(({ transaction_id }) => `payment ${transaction_id}`),
    ...refunds.map(({ refund_id }) => `refund ${refund_id}`),
    ...[...journals].map(([id, [first]]) => `${first!.kind} ${id}`),
  ];
  return {
    missing: [...expected].flatMap(([name, { id, text }]) => {
      const found = journalText(journals.get(id) ?? []);
      const rows = stored.filter((one) => one === name).length;
      return found === text && rows === 2 ? [] : [`${name}: told ${text}; stored ${found || 'nothing'}`];
    }),
    doubled: [
      ...repeated(told.payments.map(({ transaction_id }) => transaction_id)).map(
        (id) => `told twice of ${id}`,
      ),
      ...repeated(transactions.map(({ appointment_id }) => `payments of ${appointment_id}`)),
      ...new Set(stored.filter((name) => !expected.has(name)).map((name) => `nobody was told of ${name}`)),
    ],
    unbalanced: [...journals]
      .filter(([, lines]) => sumMoney(lines.map(({ amount }) => amount)) !== '0.00')
      .map(([id]) => id),
    ledger_sum: sumMoney(entries.map(({ amount }) => amount)),
    gaps: [
      ...gapsOf(
        'invoice',
        transactions.map(({ invoice_number }) => invoice_number),
      ),
      ...gapsOf(
        'receipt',
        transactions.map(({ receipt_number }) => receipt_number),
      ),
      ...gapsOf(
        'credit note',
        refunds.flatMap(({ credit_note_number }) => credit_note_number ?? []),
      ),
    ],
  };
}
