import { expect } from 'chai';
import type { Answered } from '../../scripts/drill-postgres/clients.js';
import { judge, type StoredBooks, type StoredEntry } from '../../scripts/drill-postgres/verdict.js';

const payment = { transaction_id: 'T1', appointment_id: 'A1', fee: 50.07, gst: 9.01, total_fee: 59.08 };
const refund = { refund_id: 'R1', transaction_id: 'T1', amount: 10.01, gst: 1.53 };
const told: Answered = { bookings: ['A1'], payments: [payment], refunds: [refund] };

function journal(journal_id: string, kind: string, lines: Record<string, string>): StoredEntry[] {
  return Object.entries(lines).map(([account, amount]) => ({
    ...{ journal_id, kind, account, amount, transaction_id: 'T1' },
  }));
}

const paid = journal('T1', 'payment', { cash: '59.08', receivable: '-50.07', gst_payable: '-9.01' });
const given = journal('R1', 'refund', { cash: '-10.01', receivable: '8.48', gst_payable: '1.53' });
const books: StoredBooks = {
  transactions: [{ transaction_id: 'T1', appointment_id: 'A1', invoice_number: '1', receipt_number: '1' }],
  refunds: [{ refund_id: 'R1', transaction_id: 'T1', credit_note_number: '1' }],
  entries: [...paid, ...given],
};
const nothing: StoredBooks = { transactions: [], refunds: [], entries: [] };
const clean = { missing: [], doubled: [], unbalanced: [], ledger_sum: '0.00', gaps: [] };

describe('the verdict of a Postgres drill', () => {
  it('BILL-5: is clean when all that clients were told is in the ledger once, to the cent', () => {
    expect(judge(told, books)).to.deep.equal(clean);
    expect(judge({ bookings: [], payments: [], refunds: [] }, nothing)).to.deep.equal(clean);
  });

  it('BILL-5: names a payment or refund that is gone: its row, its journal, or both', () => {
    const none = judge(told, nothing);
    expect(none.missing).to.have.length(2);
    expect(none.missing[0]).to.match(/^payment T1: told cash 59\.08, .*; stored nothing$/);
    expect(judge(told, { ...books, entries: paid }).missing[0]).to.match(/^refund R1: .*stored nothing$/);
    expect(judge(told, { ...books, refunds: [] }).missing).to.have.length(1);
  });

  it('BILL-5: names one that is there with another amount, by a cent or on another account', () => {
    const cent = paid.map((line) => (line.account === 'cash' ? { ...line, amount: '59.09' } : line));
    const verdict = judge(told, { ...books, entries: [...cent, ...given] });
    expect(verdict.missing).to.have.length(1);
    expect(verdict.unbalanced).to.deep.equal(['T1']);
    expect(verdict.ledger_sum).to.equal('0.01');
    const moved = paid.map((line) => ({ ...line, account: line.account.replace('receivable', 'revenue') }));
    expect(judge(told, { ...books, entries: [...moved, ...given] }).missing).to.have.length(1);
  });

  it('BILL-5: names what is doubled: a payment of the same booking, a journal, lines, one that nobody was told of', () => {
    const second = {
      ...books.transactions[0]!,
      transaction_id: 'T2',
      invoice_number: '2',
      receipt_number: '2',
    };
    const twice = paid.map((line) => ({ ...line, journal_id: 'T2' }));
    const again = {
      ...books,
      ...{ transactions: [...books.transactions, second], entries: [...books.entries, ...twice] },
    };
    expect(judge(told, again).doubled).to.deep.equal(['payments of A1', 'nobody was told of payment T2']);
    const same = { ...books, entries: [...books.entries, ...paid] };
    expect(judge(told, same).missing[0]).to.match(/stored cash 59\.08, cash 59\.08/);
    const late = { ...told, refunds: [] };
    expect(judge(late, books).doubled).to.deep.equal(['nobody was told of refund R1']);
    expect(judge({ ...told, payments: [payment, payment] }, books).doubled).to.deep.equal([
      'told twice of T1',
    ]);
  });

  it('BILL-6: names the numbers that are left out or given twice', () => {
    const numbered = (invoice_number: string, receipt_number: string) => ({
      ...books.transactions[0]!,
      ...{ invoice_number, receipt_number },
    });
    const transactions = [numbered('1', '1'), numbered('2', '2'), numbered('10', '2')];
    expect(judge(told, { ...books, transactions }).gaps).to.deep.equal([
      ...[3, 4, 5, 6, 7, 8, 9].map((number) => `invoice ${number}`),
      'receipt 2',
    ]);
    const waiting = [{ ...books.refunds[0]!, credit_note_number: null }];
    expect(judge(told, { ...books, refunds: waiting }).gaps).to.deep.equal([]);
  });
});
