/** One line on stderr that says how far a command is; nothing when stderr is not a terminal. */
export interface ProgressLine {
  /** `fraction` is 0 to 1. */
  show(fraction: number, text: string): void;
  clear(): void;
}

const width = 30;
const everyMs = 100;

export function createProgressLine(out: NodeJS.WriteStream = process.stderr): ProgressLine {
  let shownAt = 0;
  let shown = false;
  return {
    show(fraction, text) {
      const now = performance.now();
      if (!out.isTTY || now - shownAt < everyMs) return;
      shownAt = now;
      shown = true;
      const done = Math.round(Math.min(1, fraction) * width);
      const bar = '█'.repeat(done) + '░'.repeat(width - done);
      out.write(`\r\x1b[K${bar} ${String(Math.floor(fraction * 100)).padStart(3)} %  ${text}`);
    },
    clear() {
      if (shown) out.write('\r\x1b[K');
      shown = false;
    },
  };
}
