import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { renderPdf } from '../../../src/domains/money/payments/payments.pdf.js';
import { money } from '../../../src/lib/money.js';
import { needCommand } from '../../support/commands.js';
import { namesByScript } from '../../support/scripts.js';

const run = promisify(execFile);
const sums = { fee: money('100.00'), gst: money('18.00'), total_fee: money('118.00') };

/** Everything on it that has a name has this one. */
const invoiceOf = (name: string): Parameters<typeof renderPdf>[0] => ({
  ...{ kind: 'invoice', number: 'INV-000042', refers_to: null, issued_at: new Date('2026-03-03T04:30:00Z') },
  ...{ time_zone: 'UTC', currency: 'USD', payment_method: 'cash', is_demo: false, reason: null },
  ...{ seller: { name, address: name }, buyer: { patient_id: 'P0001', name } },
  ...{ transaction_id: 'T0001', appointment_id: 'A0001', voided_at: null, ...sums },
  visit: { doctor_name: name, department_name: name, date: new Date('2026-03-05T03:30:00Z') },
  lines: [{ description: name, amount: sums.fee, gst_rate: '18.00', gst: sums.gst, total: sums.total_fee }],
});

/** Whose letters no font here has: `�` stands for each, and docs/scripts.md says so. */
const notDrawn = [
  ...['Urdu', 'Odia', 'Sinhala', 'Khmer', 'Myanmar', 'Tibetan', 'Ethiopic', 'Mongolian', 'Cherokee'],
  ...['Thaana', 'Syriac', 'Adlam', 'Han beyond the first plane'],
];

/** Vowels that stand before their consonant, ligatures and marks: a reader of the file gives them in the order of the eye. */
const drawnInAnotherOrder = [
  ...['Arabic, hamza', 'Arabic, harakat and tatweel', 'Hebrew', 'Devanagari', 'Bengali', 'Gurmukhi'],
  ...['Gujarati', 'N’Ko'],
];

/** Without the marks of direction. */
const bare = (text: string): string => text.normalize('NFKC').replaceAll(/[\u200b-\u200f\u202a-\u202e]/g, '');

describe('an invoice in the scripts of the world', function () {
  this.timeout(300_000);
  let folder: string;
  before(async () => {
    await needCommand('pdftotext', 'poppler-utils');
    folder = await mkdtemp(join(tmpdir(), 'pdf-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function written(name: string): Promise<{ bytes: number; buyer: string }> {
    const file = join(folder, 'invoice.pdf');
    const pdf = await renderPdf(invoiceOf(name));
    await writeFile(file, pdf);
    const { stdout } = await run('pdftotext', ['-layout', file, '-']);
    return { bytes: pdf.length, buyer: /^Billed to +(.*)$/m.exec(stdout)?.[1] ?? '' };
  }

  it(`BILL-6, PAT-10: ${Object.keys(namesByScript).length} names: each stays under 150 KB, and is drawn or shows that it is not`, async () => {
    for (const [script, name] of Object.entries(namesByScript)) {
      const { bytes, buyer } = await written(name);
      expect(bytes, script).to.be.lessThan(150_000);
      expect(buyer, script).not.to.equal('');
      expect(buyer.includes('\u{fffd}'), `${script}: ${buyer}`).to.equal(notDrawn.includes(script));
      if (!notDrawn.includes(script) && !drawnInAnotherOrder.includes(script))
        expect(bare(buyer), script).to.equal(bare(name));
    }
  });

  it('BILL-6: the documentation names each script that is not drawn', async () => {
    const text = await readFile('docs/scripts.md', 'utf8');
    for (const script of notDrawn) expect(text, script).to.include(script);
  });
});
