import { readFile } from 'node:fs/promises';

/** proc(5): times of processes are in ticks, a hundred a second on every Linux. */
const tickUs = 10_000;

/**
 * Microseconds that a process and its children have spent on processors, by themselves and in the kernel for them; undefined
 * when it is gone, or where there is no /proc.
 */
export async function cpuUsOf(pid: number): Promise<number | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces, so fields are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const own = (Number(fields[11]) + Number(fields[12])) * tickUs;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
    const theirs = await Promise.all(children.split(' ').filter(Boolean).map(Number).map(cpuUsOf));
    return theirs.reduce<number>((sum, us = 0) => sum + us, own);
  } catch {
    return undefined;
  }
}
