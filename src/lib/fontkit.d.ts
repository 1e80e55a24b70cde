/** The part of fontkit that we use; it ships no types. */
declare module 'fontkit' {
  interface Path {
    transform(a: number, b: number, c: number, d: number, e: number, f: number): Path;
    toSVG(): string;
  }
  interface Position {
    readonly xAdvance: number;
    readonly xOffset: number;
    readonly yOffset: number;
  }
  interface Positioning {
    applyAnchor(mark: { readonly markAnchor: unknown }, base: unknown, glyph: number): void;
  }
  export interface Font {
    readonly unitsPerEm: number;
    readonly _layoutEngine?: { readonly engine?: { readonly GPOSProcessor?: Positioning | null } };
    hasGlyphForCodePoint(codePoint: number): boolean;
    layout(text: string): {
      readonly glyphs: readonly { readonly path: Path }[];
      readonly positions: readonly Position[];
    };
  }
  export function create(file: Uint8Array): Font;
}
