/**
 * Checks the books: what each account of the ledger has come to, that all of them sum to zero, and that nothing is in the
 * tables that must not be (journals that do not balance, bills or payments without their journal, refunds above their
 * payment, gaps in the numbers of invoices, receipts and credit notes). It changes nothing.
 *
 * Usage: npm run check:ledger [-- --json]
 *
 * Exit codes: 0 the books are right, 1 failed or stopped, 2 usage, 3 cannot connect, 4 something is wrong.
 */
import { Command } from 'commander';
import type { LedgerFault, TrialBalance } from '../src/domains/money/payments/index.js';
import { table } from '../src/lib/table.js';
import { unlessStopped } from '../src/stop-signal.js';
import type { System } from '../src/system.js';
import { exitCodes, runCommand, say, type ExitCode } from './command.js';
import { withSystem } from './with-system.js';

interface Options {
  readonly json?: true;
}

function print({ accounts, sum }: TrialBalance, faults: readonly LedgerFault[]): void {
  const rows = accounts.map(({ account, debit, credit, balance }) => [account, debit, credit, balance]);
  process.stdout.write(
    `${table(['account', 'debit', 'credit', 'balance'], [...rows, ['sum', '', '', sum]])}\n`,
  );
  if (faults.length > 0)
    process.stdout.write(
      `${table(
        ['what is wrong', 'found', 'such as'],
        faults.map(({ check, found, examples }) => [check, found, examples.slice(0, 5).join(' ')]),
      )}\n`,
    );
}

async function check({ parts }: System, { json }: Options): Promise<ExitCode> {
  const balance = await parts.payments.trialBalance();
  const faults = await parts.payments.faults();
  const isRight = balance.sum === '0.00' && faults.length === 0;
  if (json) process.stdout.write(`${JSON.stringify({ right: isRight, ...balance, faults }, null, 2)}\n`);
  else print(balance, faults);
  say(isRight ? 'The books are right.' : 'The books are wrong: nothing of it is repaired by a program.');
  return isRight ? exitCodes.ok : exitCodes.foundProblem;
}

const command = new Command('npm run check:ledger --')
  .description(
    'Checks that the ledger balances, and that payments, refunds, bills and numbers agree with it.',
  )
  .option('--json', 'print JSON');

await runCommand<Options>(command, (options, signal) =>
  withSystem(signal, (system) => unlessStopped(signal, check(system, options))),
);
