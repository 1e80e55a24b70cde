/** Whether all is compiled as it stands. */
export function isCompiled(): boolean;

/** Compiles what has changed since the last time; one process at a time may do it. */
export function compile(): Promise<void>;

/** The words after `node` that run a file of this project: one of TypeScript as it was compiled last. */
export function nodeWords(file: string): string[];
