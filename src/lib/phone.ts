import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js';
import { fold } from './names.js';
import { faultInLine } from './text.js';

/** A country (ISO 3166-1 alpha-2) whose numbers are known. */
export type PhoneRegion = CountryCode;

export const isPhoneRegion = (text: string): text is PhoneRegion => isSupportedCountry(text);

/** How the number of a desk behind an exchange is announced. */
const extension =
  /[\s,;]*(?:;ext=|extension|ext|extn|poste|anexo|ramal|interno|int|durchwahl|dw|доб|内線|x|#|,|;)[\s.:]*\d{1,7}$/u;

/** Digits, and what people put between them: a space, a point, a hyphen or dash, a stroke, brackets. */
const number = /^\+?[\s(]*\d[\d\s().\-/\u00B7\u2010-\u2015\u2212]*\d\)?$/u;

const bare = (text: string): string => fold(text).trim().replace(extension, '').trim();
const digitsOf = (text: string): string => text.replaceAll(/\D/g, '');

/** Whether it can be a telephone number in the writing of some country: 5 to 15 digits (E.164), and a country that there is. */
export function isPhone(text: string): boolean {
  const written = bare(text);
  const { length } = digitsOf(written);
  if (!number.test(written) || length < 5 || length > 15) return false;
  return !written.startsWith('+') || parsePhoneNumberFromString(written) !== undefined;
}

/** What is wrong with it as one, in a few words; undefined when nothing is. */
export const faultInPhone = (text: string): string | undefined =>
  faultInLine(text) ?? (isPhone(text) ? undefined : 'cannot be a telephone number');

/**
 * The same for each way to write the number, without its extension: E.164, where the country's rules read it so, else its
 * digits. A number without a country is one of `region`.
 */
export function phoneKey(text: string, region: PhoneRegion): string {
  const written = bare(text);
  return parsePhoneNumberFromString(written, region)?.number ?? digitsOf(written);
}
