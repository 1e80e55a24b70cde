import { renderPdf } from '../domains/money/payments/payments.pdf.js';
import { toPdf } from '../domains/reports/formats/pdf.js';
import { toXlsx } from '../domains/reports/formats/xlsx.js';
import { chartPng } from '../lib/chart.png.js';

/** What takes so long that it would keep everybody waiting. Their arguments are cloned on the way to a worker. */
export const renderers = { paperPdf: renderPdf, reportPdf: toPdf, reportXlsx: toXlsx, chartPng } as const;

export type Renderers = typeof renderers;
export type RendererName = keyof Renderers;
