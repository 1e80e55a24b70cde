import { setImmediate as endOfTurn } from 'node:timers/promises';

/** How many ids one question may hold: one batch of MongoDB's. */
const mostIds = 100;

interface Question<V> {
  readonly ids: Set<string>;
  readonly answer: Promise<ReadonlyMap<string, V>>;
}

/**
 * Looks up by id, in one query for all who ask in the same turn of the event loop: the more requests there are at a time,
 * the less each of them costs. It is sent after the last of them has asked, so each sees what was written before it asked.
 */
export function createTogether<V>(
  load: (ids: readonly string[]) => Promise<ReadonlyMap<string, V>>,
): (id: string) => Promise<V | undefined> {
  let open: Question<V> | undefined;

  function ask(): Question<V> {
    const ids = new Set<string>();
    const answer = endOfTurn().then(() => {
      if (open === question) open = undefined;
      return load([...ids]);
    });
    const question = { ids, answer };
    return question;
  }

  return async (id) => {
    const question = (open ??= ask());
    question.ids.add(id);
    if (question.ids.size === mostIds) open = undefined;
    return (await question.answer).get(id);
  };
}
