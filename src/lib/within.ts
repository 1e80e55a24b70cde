/** What `work` answers, or what `late` makes of its not having done so within `ms`; the work itself goes on. */
export async function within<T, L = T>(ms: number, work: Promise<T>, late: () => L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<L>((resolve) => {
    // A throwing `late` refuses.
    timer = setTimeout(() => resolve(Promise.resolve().then(late)), ms);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
    // When it has lost the race, nobody hears of its failure.
    work.catch(() => undefined);
  }
}
