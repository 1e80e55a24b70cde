import encodeQR from 'qr';
import { html, type Html } from './html.js';

/** A QR code as a picture of lines: without a script and a style, so that any content security policy lets it be. */
export function qrMarkup(text: string): Html {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
  const squares = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return html`<svg
    class="qr"
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${rows.length} ${rows.length}"
    role="img"
    aria-label="QR code for an authenticator app"
    shape-rendering="crispEdges"
  >
    <rect width="100%" height="100%" fill="#fff" />
    <path d="${squares.join('')}" fill="#000" />
  </svg>`;
}
