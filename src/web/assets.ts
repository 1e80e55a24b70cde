import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

interface Asset {
  readonly type: string;
  readonly text: string;
  /** Changes with the content: a browser may keep it for good. */
  readonly path: string;
}

function asset(name: string): Asset {
  const text = readFileSync(join(import.meta.dirname, 'static', name), 'utf8');
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return { type: extname(name), text, path: `/book/assets/${digest}/${name}` };
}

export const stylesheet = asset('style.css');
export const reportsStylesheet = asset('reports.css');
export const finder = asset('finder.js');
export const icon = asset('icon.svg');
