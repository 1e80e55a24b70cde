/** Whether both stores give the text back to the letter: Postgres holds no NUL, BSON no half of a surrogate pair. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
