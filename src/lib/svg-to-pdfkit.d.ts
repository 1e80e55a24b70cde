/** The part of svg-to-pdfkit that we use; it ships no types. */
declare module 'svg-to-pdfkit' {
  interface Options {
    readonly width: number;
    readonly height: number;
    readonly assumePt?: boolean;
    /** The font for a family: its file. */
    fontCallback(family: string, bold: boolean, italic: boolean): string;
    warningCallback?(message: string): void;
  }
  export default function drawSvg(
    doc: PDFKit.PDFDocument,
    svg: string,
    x: number,
    y: number,
    options: Options,
  ): void;
}
