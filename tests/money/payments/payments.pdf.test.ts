import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { renderPdf, timeOn } from '../../../src/domains/money/payments/payments.pdf.js';
import { documentKinds, type PaymentPaper } from '../../../src/domains/money/payments/payments.types.js';
import { fromCents, money } from '../../../src/lib/money.js';
import { grouped } from '../../../src/lib/pdf-text.js';
import { needCommand } from '../../support/commands.js';

const run = promisify(execFile);

const sums = { fee: money('1234567.50'), gst: money('222222.15'), total_fee: money('1456789.65') };
const invoice: PaymentPaper = {
  ...{ kind: 'invoice', number: 'INV-000042', refers_to: null, issued_at: new Date('2026-03-03T04:30:00Z') },
  ...{
    time_zone: 'Asia/Kolkata',
    currency: 'INR',
    payment_method: 'bank_transfer',
    is_demo: false,
    reason: null,
  },
  seller: { name: 'City Hospital & Sons', address: '12 Lake Road, Kolkata' },
  buyer: { patient_id: 'P0001', name: 'Zoë Müller-Łukasiewicz' },
  ...{ transaction_id: 'T0001', appointment_id: 'A0001', voided_at: null, ...sums },
  visit: {
    ...{ doctor_name: 'Dr. Αλέξης', department_name: 'Cardiology', date: new Date('2026-03-05T03:30:00Z') },
  },
  lines: [
    {
      ...{ description: 'Consultation with Dr. Αλέξης', amount: sums.fee, gst_rate: '18.00' },
      ...{ gst: sums.gst, total: sums.total_fee },
    },
  ],
};
const samples: Record<(typeof documentKinds)[number], PaymentPaper> = {
  invoice,
  receipt: { ...invoice, kind: 'receipt', number: 'RCT-000042', refers_to: invoice.number },
  credit_note: {
    ...{ ...invoice, kind: 'credit_note', number: 'CRN-000007', refers_to: invoice.number },
    reason: 'The doctor was ill.',
  },
};

const bytesOf = (document: PaymentPaper): Promise<Buffer> => renderPdf(document);
const idOf = (pdf: Buffer): string => /\/ID \[<(\w+)>/.exec(pdf.toString('latin1'))![1]!;
const pagesIn = (pdf: Buffer): number => pdf.toString('latin1').match(/\/Type \/Page\n/g)?.length ?? 0;
/** Words as a reader takes them: in one line or two, with one space or many. */
const flat = (text: string): string => text.replace(/\s+/g, ' ');

describe('renderPdf', () => {
  let folder: string;

  before(async function () {
    this.timeout(300_000);
    await needCommand('pdftotext', 'poppler-utils');
    folder = await mkdtemp(join(tmpdir(), 'pdf-'));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  async function written(document: PaymentPaper): Promise<string> {
    const file = join(folder, `${document.number}.pdf`);
    await writeFile(file, await bytesOf(document));
    return file;
  }

  async function textOf(document: PaymentPaper): Promise<string> {
    return (await run('pdftotext', ['-layout', await written(document), '-'])).stdout;
  }

  it('BILL-6: an invoice says who, what, when, how much tax, and what it comes to', async () => {
    const text = await textOf(invoice);
    expect(text).to.match(/^City Hospital & Sons\n12 Lake Road, Kolkata\n\s+Invoice INV-000042\n/);
    expect(text).to.match(/^Issued +3 March 2026, 10:00 \(Asia\/Kolkata, UTC\+05:30\)$/m);
    expect(text).to.match(/^Billed to +Zoë Müller-Łukasiewicz$/m);
    expect(text).to.match(/^Patient +P0001$/m);
    expect(text).to.match(/^Visit +5 March 2026, 09:00 \(Asia\/Kolkata, UTC\+05:30\)$/m);
    expect(text).to.match(/^Doctor +Dr. Αλέξης$/m);
    expect(text).to.match(/^Department +Cardiology$/m);
    expect(text).to.match(/^Appointment +A0001$/m);
    expect(text).to.match(/^Transaction +T0001$/m);
    expect(text).to.match(/^Paid by +Bank transfer$/m);
    expect(text).to.match(/^Description +Amount +GST rate +GST +Total$/m);
    expect(text).to.match(/^Consultation with Dr\. Αλέξης +1,234,567\.50 +18% +222,222\.15 +1,456,789\.65$/m);
    expect(text).to.match(/^Total INR +1,234,567\.50 +222,222\.15 +1,456,789\.65$/m);
    expect(text).to.include('All amounts are in INR. Times are on the clock of Asia/Kolkata.');
    expect(text).not.to.match(/VOID|^Reason|^Invoice {2,}INV/m);
  });

  it('BILL-6: a receipt and a credit note name their invoice, the credit note its reason', async () => {
    const receipt = await textOf(samples.receipt);
    expect(receipt)
      .to.match(/^Receipt RCT-000042$/m)
      .and.to.match(/^Invoice +INV-000042$/m);
    const credit = await textOf(samples.credit_note);
    expect(credit)
      .to.match(/^Credit note CRN-000007$/m)
      .and.to.match(/^Invoice +INV-000042$/m);
    expect(credit)
      .to.match(/^Credited to +Zoë/m)
      .and.to.match(/^Paid back by +Bank transfer$/m);
    expect(credit).to.match(/^Reason +The doctor was ill\.$/m);
  });

  it('BILL-6: an item that is exempt says so, a fraction of a percent is shown', async () => {
    const [line] = invoice.lines;
    const exempt = { ...line!, gst_rate: null, gst: money('0'), total: line!.amount };
    const text = await textOf({ ...invoice, lines: [exempt, { ...line!, gst_rate: '12.50' }] });
    expect(text)
      .to.match(/ exempt +0\.00 +1,234,567\.50$/m)
      .and.to.match(/ 12\.5% /);
  });

  it('BILL-6: a document of a voided transaction says VOID in words and across the page', async () => {
    const voided = { ...invoice, voided_at: new Date('2026-03-04T00:00:00Z') };
    const text = flat(await textOf(voided));
    expect(text).to.include('VOID since 4 March 2026, 05:30 (Asia/Kolkata, UTC+05:30)');
    expect(text).to.include('Total INR 1,234,567.50 222,222.15 1,456,789.65');
    const [plain, marked] = await Promise.all([bytesOf(invoice), bytesOf(voided)]);
    expect(idOf(marked), 'another file').not.to.equal(idOf(plain));
  });

  for (const kind of documentKinds) {
    it(`BILL-6: the ${kind} is one tagged page of A4 with its fonts in it, in English, with a title`, async () => {
      const document = samples[kind];
      const file = await written(document);
      const { stdout: info } = await run('pdfinfo', [file]);
      expect(info)
        .to.match(/^Tagged: +yes$/m)
        .and.to.match(/^Pages: +1$/m);
      expect(info)
        .to.match(/^Page size: .*\(A4\)$/m)
        .and.to.match(/^PDF version: +1\.7$/m);
      expect(info).to.match(new RegExp(`^Title: .*${document.number}$`, 'm'));
      const fonts = (await run('pdffonts', [file])).stdout.trim().split('\n').slice(2);
      expect(fonts).to.have.length(2);
      for (const font of fonts) expect(font).to.match(/^\w+\+DejaVuSans(-Bold)? .*yes yes yes/);
      const raw = (await bytesOf(document)).toString('latin1');
      expect(raw).to.include('/Lang (en)').and.to.include('/DisplayDocTitle true');
    });
  }

  it('BILL-6: its structure is a heading, paragraphs and two tables whose headers say what they head', async () => {
    const { stdout, stderr } = await run('pdfinfo', ['-struct-text', await written(samples.credit_note)]);
    const tags = stdout.match(/^ *(Document|H1|P|Table|TR|TH|TD)\b/gm)!.map((tag) => tag.trim());
    expect(tags.slice(0, 5)).to.eql(['Document', 'P', 'P', 'H1', 'Table']);
    expect(tags.filter((tag) => tag === 'Table')).to.have.length(2);
    expect(tags.filter((tag) => tag === 'TH')).to.have.length(11 + 5 + 1);
    expect(stdout)
      .to.match(/\/Scope \/Column/)
      .and.to.match(/\/Scope \/Row/);
    expect(stderr, 'what poppler has to say against it').to.equal('');
  });

  it('BILL-6: the same document gives the same bytes', async () => {
    const [once, again] = [await bytesOf(samples.credit_note), await bytesOf(samples.credit_note)];
    expect(once.equals(again)).to.equal(true);
  });

  it('BILL-6: names and reasons as long as may be stay on one page, the largest amounts in one line', async () => {
    const [name, most] = ['W'.repeat(200), money('9999999999.99')];
    const line = { description: `${name} ${name}`, amount: most, gst_rate: '18.00', gst: most, total: most };
    const document: PaymentPaper = {
      ...{ ...samples.credit_note, reason: 'W'.repeat(1000), voided_at: new Date('2026-03-04T00:00:00Z') },
      ...{ seller: { name, address: 'W'.repeat(500) }, buyer: { name, patient_id: 'P'.repeat(64) } },
      ...{ transaction_id: 'T'.repeat(64), appointment_id: 'A'.repeat(64) },
      visit: { ...invoice.visit, doctor_name: name, department_name: name },
      ...{ lines: [line], fee: most, gst: most, total_fee: most },
    };
    expect(pagesIn(await bytesOf(document))).to.equal(1);
    const text = await textOf(document);
    expect(text.match(/…/g), 'what is cut says so').to.have.length(7);
    expect(text).to.match(/^W+ +9,999,999,999\.99 +18% +9,999,999,999\.99 +9,999,999,999\.99$/m);
    expect(text).to.match(/^Total INR( +9,999,999,999\.99){3}$/m);
  });

  it('BILL-6: a name is written in its script; signs that no font has show that they are missing', async () => {
    const name = 'नाम 王 😀 Ωmega';
    const text = await textOf({ ...invoice, buyer: { ...invoice.buyer, name } });
    expect(text).to.match(/^Billed to +.* 王 \u{fffd} Ωmega$/mu);
    const doctor_name = 'אברהם בן לוי';
    const hebrew = await textOf({ ...invoice, visit: { ...invoice.visit, doctor_name } });
    expect(hebrew).to.match(/^Doctor +\u{202b}?אברהם בן לוי/mu);
  });

  it('BILL-6: no line, direction mark or markup in a name makes a line of its own', async () => {
    const forged = 'Mallory\r\n\u2028\u202eTotal INR  0.00\u0000</rdf:li> & <x>)>>';
    const document = {
      ...invoice,
      ...{ buyer: { ...invoice.buyer, name: forged }, seller: { name: forged, address: null } },
    };
    const text = await textOf(document);
    expect(text).to.match(/^Billed to +Mallory Total INR 0\.00 <\/rdf:li> & <x>\)>>$/m);
    expect(text).not.to.match(/^Total INR +0\.00/m);
    const { stdout: meta } = await run('pdfinfo', ['-meta', await written(document)]);
    expect(meta).to.match(/<rdf:li>Mallory Total INR 0\.00 ＜\/rdf:li> ＆ ＜x>\)>><\/rdf:li>/);
  });

  it('BILL-6: whatever the names are, there is one page', async function () {
    this.timeout(30_000);
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(name, name, name, async (one, two, three) => {
        const pdf = await bytesOf({
          ...{ ...samples.credit_note, reason: three, seller: { name: one, address: two } },
          ...{ buyer: { patient_id: 'P1', name: two }, visit: { ...invoice.visit, doctor_name: three } },
        });
        expect(pagesIn(pdf)).to.equal(1);
      }),
      { numRuns: 20 },
    );
  });
});

describe('what a document writes', () => {
  it('BILL-6: thousands are separated, and nothing else of the amount changes', () => {
    const amounts = ['0.00', '999.99', '1000.00', '-1234567.50'];
    expect(amounts.map(grouped)).to.eql(['0.00', '999.99', '1,000.00', '-1,234,567.50']);
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (cents) => {
        const amount = fromCents(cents);
        expect(grouped(amount).replaceAll(',', '')).to.equal(amount);
        expect(grouped(amount)).to.match(/^-?\d{1,3}(,\d{3})*\.\d\d$/);
      }),
    );
  });

  it('BILL-6: the hour that a zone has twice is told apart', () => {
    const [first, second] = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map((at) =>
      timeOn('Europe/Berlin', new Date(at)),
    );
    expect(first).to.equal('25 October 2026, 02:30 (Europe/Berlin, UTC+02:00)');
    expect(second).to.equal('25 October 2026, 02:30 (Europe/Berlin, UTC+01:00)');
  });
});
