import { buffer } from 'node:stream/consumers';
import { DateTime } from 'luxon';
import { createDocument, drawable, fit, fonts, grouped, type Doc } from '../../../lib/pdf-text.js';
import type { PaperKind, PaymentPaper, PaymentMethod } from './payments.types.js';

const titles: Readonly<Record<PaperKind, string>> = {
  invoice: 'Invoice',
  receipt: 'Receipt',
  credit_note: 'Credit note',
};

const methods: Readonly<Record<PaymentMethod, string>> = {
  card: 'Card',
  cash: 'Cash',
  bank_transfer: 'Bank transfer',
};

const demoWords = 'DEMO: this card payment was confirmed by the demo provider. No money was moved.';

/** In points; A4 is 595 wide. The columns of amounts take the largest `numeric(12,2)` in one line, in bold too. */
const margin = 50;
const pageWidth = 495;
const columns = { facts: [110, 385], lines: [143, 98, 58, 98, 98] } as const;
const gap = 4;
const size = { title: 20, seller: 13, fact: 9.5, line: 9, small: 8.5 } as const;
const colour = { ink: '#1a1a1a', quiet: '#595959', rule: '#b3b3b3', alarm: '#b00020' } as const;
/** How many lines a text may take; what is longer ends in an ellipsis, so that no name can push the amounts off the page. */
const maxLines = { heading: 3, fact: 3, reason: 8, item: 4 } as const;

type Element = PDFKit.PDFStructureElement;

/** `3 March 2026, 09:30 (Asia/Kolkata, UTC+05:30)`. The offset tells the two hours apart when clocks go back. */
export function timeOn(timeZone: string, date: Date): string {
  const local = DateTime.fromJSDate(date, { zone: timeZone }).setLocale('en-GB');
  return local.toFormat(`d MMMM yyyy, HH:mm '('z, 'UTC'ZZ')'`);
}

/** pdfkit (0.20) writes these into its XML metadata as they are; the wide forms look the same and mean nothing there. */
const metadataText = (text: string): string => text.replaceAll('&', '＆').replaceAll('<', '＜');

interface Cell {
  readonly text: string;
  readonly right?: true;
  readonly header?: 'row' | 'column';
  readonly font?: keyof typeof fonts;
  readonly colour?: string;
}

interface Row {
  readonly cells: readonly Cell[];
  readonly maxLines: number;
  /** The width of the line beneath. */
  readonly rule?: number;
}

interface Table {
  readonly widths: readonly number[];
  readonly size: number;
  readonly rows: readonly Row[];
}

/** Lines that mean nothing to a reader aloud. */
function drawRule(doc: Doc, thickness: number): void {
  doc.markContent('Artifact', { type: 'Layout' });
  doc.lineWidth(thickness).strokeColor(colour.rule);
  doc
    .moveTo(margin, doc.y)
    .lineTo(margin + pageWidth, doc.y)
    .stroke();
  doc.endMarkedContent();
}

/** A tagged table at the place that the text has come to. */
function drawTable(doc: Doc, parent: Element, { widths, size, rows }: Table): void {
  // The types of pdfkit (0.17) do not know `structParent` and `scope` yet.
  const tagged = { structParent: parent };
  const table = doc.font(fonts.regular, size).table({
    ...{ ...tagged, position: { x: margin, y: doc.y }, columnStyles: widths.map((width) => ({ width })) },
    defaultStyle: { border: 0, padding: { top: gap, right: 0, bottom: gap, left: 0 } },
  });
  for (const { cells, maxLines, rule } of rows) {
    const drawn = cells.map(
      ({ text, right, header, font = 'regular', colour: textColor = colour.ink }, column) => ({
        text: fit(doc, text, { font, size, maxLines, width: widths[column]! - gap }),
        ...{ textColor, font: { src: fonts[font], size }, align: { x: right ? 'right' : 'left' } as const },
        ...(header && { type: 'TH' as const, scope: header }),
      }),
    );
    table.row(drawn);
    if (rule) drawRule(doc, rule);
  }
  table.end();
}

/** A heading or a paragraph across the page. */
function drawText(
  doc: Doc,
  parent: Element,
  tag: 'H1' | 'P',
  given: string,
  style: { readonly font?: 'bold'; readonly size: number; readonly colour: string },
): void {
  const { font = 'regular', size } = style;
  const text = fit(doc, given, { font, size, width: pageWidth, maxLines: maxLines.heading });
  const draw = (): void => {
    doc.font(fonts[font], size).fillColor(style.colour);
    doc.text(text, margin, doc.y, { width: pageWidth });
  };
  parent.add(doc.struct(tag, {}, [draw]));
}

/** The letters V, O, I and D as strokes, 140 high and 420 wide: drawn, not written, for the eye only. */
const voidStrokes =
  'M0 0L50 140L100 0 M130 70a55 70 0 1 0 110 0a55 70 0 1 0 -110 0 M280 0V140 M325 0V140H350a70 70 0 0 0 0 -140Z';

/** Across the page, behind what is written. In words it stands below the title. */
function drawVoid(doc: Doc): void {
  const { width, height } = doc.page;
  doc.markContent('Artifact', { type: 'Layout' });
  doc
    .save()
    .translate(width / 2, height / 2)
    .rotate(-50)
    .translate(-210, -70);
  doc.lineWidth(26).strokeColor(colour.alarm, 0.1).path(voidStrokes).stroke().restore();
  doc.endMarkedContent();
}

/** What the document is about, as names and values. */
function factsOf(document: PaymentPaper): [name: string, value: string][] {
  const { kind, buyer, visit, refers_to, reason, voided_at } = document;
  const at = (date: Date): string => timeOn(document.time_zone, date);
  const paidBy = methods[document.payment_method];
  return [
    ['Issued', at(document.issued_at)],
    ...(voided_at ? [['Voided', at(voided_at)] satisfies [string, string]] : []),
    [kind === 'credit_note' ? 'Credited to' : 'Billed to', buyer.name],
    ['Patient', buyer.patient_id],
    ['Visit', at(visit.date)],
    ['Doctor', visit.doctor_name],
    ['Department', visit.department_name],
    ...(document.appointment_id === null
      ? []
      : [['Appointment', document.appointment_id] satisfies [string, string]]),
    ['Transaction', document.transaction_id],
    ...(refers_to ? [['Invoice', refers_to] satisfies [string, string]] : []),
    [kind === 'credit_note' ? 'Paid back by' : 'Paid by', paidBy],
    ...(reason === null ? [] : [['Reason', reason] satisfies [string, string]]),
  ];
}

function drawFacts(doc: Doc, parent: Element, document: PaymentPaper): void {
  const rows = factsOf(document).map(([name, value]): Row => ({
    cells: [{ text: name, header: 'row', colour: colour.quiet }, { text: value }],
    maxLines: name === 'Reason' ? maxLines.reason : maxLines.fact,
  }));
  drawTable(doc, parent, { widths: columns.facts, size: size.fact, rows });
}

function drawLines(doc: Doc, parent: Element, document: PaymentPaper): void {
  const { lines, fee, gst, total_fee, currency } = document;
  const number = (text: string): Cell => ({ text, right: true });
  const bold = (cell: Cell): Cell => ({ ...cell, font: 'bold' });
  const names = [{ text: 'Description' }, ...['Amount', 'GST rate', 'GST', 'Total'].map(number)];
  const last = lines.length - 1;
  const rows: Row[] = [
    { cells: names.map((cell) => bold({ ...cell, header: 'column' })), maxLines: 1, rule: 1 },
    ...lines.map(({ description, amount, gst_rate, gst: tax, total }, at) => ({
      cells: [
        { text: description },
        number(grouped(amount)),
        number(gst_rate === null ? 'exempt' : `${Number(gst_rate)}%`),
        ...[tax, total].map((sum) => number(grouped(sum))),
      ],
      ...{ maxLines: maxLines.item, rule: at === last ? 1 : 0.5 },
    })),
    {
      cells: [
        bold({ text: `Total ${currency}`, header: 'row' }),
        ...[grouped(fee), '', grouped(gst), grouped(total_fee)].map(number).map(bold),
      ],
      maxLines: 1,
    },
  ];
  drawTable(doc, parent, { widths: columns.lines, size: size.line, rows });
}

/** Tagged, in PDF 1.7; the same document gives the same bytes, its file id too, which pdfkit makes of `info`. */
function open(document: PaymentPaper): Doc {
  const { kind, number, seller, issued_at, voided_at } = document;
  const doc = createDocument({
    ...{ size: 'A4', margin, pdfVersion: '1.7', tagged: true, lang: 'en', displayTitle: true },
    // Else pdfkit begins with one of the standard fonts, which are not embedded.
    font: fonts.regular,
    info: {
      Title: `${titles[kind]} ${number}`,
      Author: seller.name,
      Creator: 'Smart Healthcare',
      CreationDate: issued_at,
      ModDate: voided_at ?? issued_at,
    },
  });
  doc.info.Author = metadataText(drawable(doc, seller.name));
  return doc;
}

/**
 * BILL-6: an invoice, receipt or credit note as one page of A4, tagged for a reader aloud. Amounts are written digit by digit as
 * the document has them. A document of a voided transaction says so across the page and in words.
 */
export async function renderPdf(document: PaymentPaper): Promise<Buffer> {
  const { kind, number, seller, voided_at, time_zone } = document;
  const doc = open(document);
  const root = doc.struct('Document');
  doc.addStructure(root);
  if (voided_at) drawVoid(doc);
  doc.y = margin;
  drawText(doc, root, 'P', seller.name, { font: 'bold', size: size.seller, colour: colour.ink });
  if (seller.address !== null)
    drawText(doc, root, 'P', seller.address, { size: size.small, colour: colour.quiet });
  doc.moveDown(2);
  drawText(doc, root, 'H1', `${titles[kind]} ${number}`, {
    font: 'bold',
    size: size.title,
    colour: colour.ink,
  });
  if (voided_at) {
    const words = `VOID since ${timeOn(time_zone, voided_at)}: the payment was cancelled, nothing is due by this document.`;
    doc.moveDown(0.3);
    drawText(doc, root, 'P', words, { font: 'bold', size: size.fact, colour: colour.alarm });
  }
  if (document.is_demo)
    drawText(doc, root, 'P', demoWords, { font: 'bold', size: size.fact, colour: colour.alarm });
  doc.moveDown(1);
  drawFacts(doc, root, document);
  doc.moveDown(1.5);
  drawLines(doc, root, document);
  doc.moveDown(1.5);
  const note = `All amounts are in ${document.currency}. Times are on the clock of ${time_zone}.`;
  drawText(doc, root, 'P', note, { size: size.small, colour: colour.quiet });
  root.end();
  doc.end();
  return buffer(doc);
}
