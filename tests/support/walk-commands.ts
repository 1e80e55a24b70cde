import { pathToFileURL } from 'node:url';

/*
 * Run by tests/scripts/every-command.int.test.ts: calls each command line of its argument (`[[file, …arguments], …]`) in one process, as if
 * it were a process of its own, and prints what each would have printed. One process, for each would read the whole house anew.
 */
export interface Called {
  readonly line: readonly string[];
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const lines = JSON.parse(process.argv[2] ?? '[]') as string[][];
const [out, err] = [process.stdout, process.stderr].map((stream) => stream.write.bind(stream)) as [
  typeof process.stdout.write,
  typeof process.stderr.write,
];
const called: Called[] = [];
for (const [index, line] of lines.entries()) {
  const [file = '', ...args] = line;
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    process[name].write = (text: string | Uint8Array) => (said[name] += String(text)) !== '';
  process.argv = [process.execPath, file, ...args];
  process.exitCode = undefined;
  try {
    await import(`${pathToFileURL(file).href}?${index}`);
  } catch (error) {
    said.stderr += `uncaught: ${String(error)}`;
  }
  called.push({ line, code: Number(process.exitCode ?? 0), ...said });
}
process.stdout.write = out;
process.stderr.write = err;
out(JSON.stringify(called), () => process.exit(0));
