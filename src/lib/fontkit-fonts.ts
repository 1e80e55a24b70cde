import { readFileSync } from 'node:fs';
import { create, type Font } from 'fontkit';

export type FontkitFont = Font;

/** A mark that a font has no place for stays where it is; fontkit (2.0) breaks off the whole text. */
export function mend(font: Font | undefined): void {
  const positioning = font?._layoutEngine?.engine?.GPOSProcessor;
  if (!positioning || Object.hasOwn(positioning, 'applyAnchor')) return;
  const { applyAnchor } = positioning;
  positioning.applyAnchor = function (mark, base, glyph) {
    if (mark.markAnchor && base) applyAnchor.call(this, mark, base, glyph);
  };
}

const opened = new Map<string, Font>();

/** The font of a file, opened once. */
export function openFont(file: string): Font {
  const known = opened.get(file);
  if (known) return known;
  const font = create(readFileSync(file));
  mend(font);
  opened.set(file, font);
  return font;
}
