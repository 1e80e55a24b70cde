import Joi from 'joi';
import { readFeatures } from './lib/features.js';

/** What can be configured, and how. */
export interface Setting<S extends Joi.Schema = Joi.Schema> {
  readonly about: string;
  /** With a default, or `optional`. */
  readonly field: S;
  readonly example?: string;
}

export const setting = <S extends Joi.Schema>(field: S, about: string, example?: string): Setting<S> => ({
  about,
  field,
  ...(example === undefined ? {} : { example }),
});

/* What the values of settings may be, beside the vocabulary of requests. */

export const whole = (min: number, max: number, value: number): Joi.NumberSchema =>
  Joi.number().integer().min(min).max(max).default(value);

/** ISO 4217: those without minor units, with three and with four. All amounts here have two decimals. */
const otherUnits =
  'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF BHD IQD JOD KWD LYD OMR TND CLF UYW';

/** A wrong sum is worse than none: a currency whose amounts would not be right to the unit is refused. */
export function knownCurrency(given: string): string {
  if (!Intl.supportedValuesOf('currency').includes(given)) throw new Error('is not a currency of ISO 4217');
  if (otherUnits.split(' ').includes(given))
    throw new Error('has not two decimals (ISO 4217): amounts in it are not supported');
  return given;
}

/** Kept as text: its features are read in `config.ts`. */
export const featureList = (): Joi.StringSchema =>
  Joi.string().custom((given: string) => {
    readFeatures(given);
    return given;
  });

/** With two decimals at the most: joi's own `precision` would round what is finer. */
export const hundredths = (max: number, value: number): Joi.NumberSchema =>
  Joi.number()
    .min(0)
    .max(max)
    .custom((given: number) => {
      if (Number(given.toFixed(2)) !== given) throw new Error('must have two decimals at the most');
      return given;
    })
    .default(value);

/** Names of a closed list, each once at the most, separated by commas. */
export const namesOf = (all: readonly string[]): Joi.StringSchema => {
  const list = `the list is ${all.join(', ')}`;
  return Joi.string()
    .custom((given: string) => {
      const names = given.split(',').map((name) => name.trim());
      const unknown = names.filter((name) => !all.includes(name));
      const twice = names.filter((name, index) => names.indexOf(name) !== index);
      if (unknown.length > 0) throw new Error(`names ${unknown.map((n) => `"${n}"`).join(', ')}; ${list}`);
      if (twice.length > 0) throw new Error(`names ${twice.join(', ')} twice; ${list}`);
      return names.join(',');
    })
    .messages({ 'string.empty': `is empty; ${list}` });
};
