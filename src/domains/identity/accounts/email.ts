/** What makes two emails the same account: NFKC (a full-width `Ａ` is an `A`), lower case. */
export const emailKey = (email: string): string => email.normalize('NFKC').toLowerCase().normalize('NFKC');
