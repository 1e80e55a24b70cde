import { Problem } from './errors.js';

/*
 * What of the product can be turned off, with `FEATURES=name,-name`: a feature that is off has no routes and no pages
 * (404 `feature_off`), no links to it are shown, and nothing of it runs in the background. What it has stored stays.
 */
interface Feature {
  readonly about: string;
  /** Unless the configuration says otherwise, whatever the environment. */
  readonly isOn: boolean;
}

export const features = {
  waiting_list: { about: 'patients wait for a slot of a day that is full, and are offered one', isOn: true },
  saved_reports: { about: 'reports are saved by name and delivered on a schedule', isOn: true },
  report_jobs: { about: 'long reports are computed in the background', isOn: true },
  webhooks: { about: 'notifications are posted, signed, to addresses of their users', isOn: true },
  booking_pages: { about: 'the pages where patients register, book, pay and cancel', isOn: true },
  report_pages: { about: 'the pages of the reports, with their files', isOn: true },
} as const satisfies Record<string, Feature>;

export type FeatureName = keyof typeof features;
export type Features = Readonly<Record<FeatureName, boolean>>;

export const featureNames = Object.keys(features) as readonly FeatureName[];

const isFeature = (name: string): name is FeatureName => Object.hasOwn(features, name);

/**
 * The features as `name,-name` sets them: `name` is on, `-name` off, and what is not named is as the table above says.
 * Throws one Error with every mistake: names that are no feature's, and those given more than once.
 */
export function readFeatures(text = ''): Features {
  const given = text === '' ? [] : text.split(',').map((part) => part.trim());
  const names = given.map((part) => part.replace(/^-/, ''));
  const unknown = given.filter((_, at) => !isFeature(names[at]!));
  const repeated = featureNames.filter((name) => names.filter((one) => one === name).length > 1);
  const mistakes = [
    ...unknown.map((part) => `holds "${part}", which is no feature`),
    ...repeated.map((name) => `names ${name} more than once`),
  ];
  if (mistakes.length > 0) throw new Error(`${mistakes.join('; ')} (features: ${featureNames.join(', ')})`);
  const set = new Map(given.map((part, at) => [names[at], !part.startsWith('-')]));
  return Object.fromEntries(
    featureNames.map((name) => [name, set.get(name) ?? features[name].isOn]),
  ) as Features;
}

/** The answer of all that belongs to a feature that is off. */
export const featureOff = (feature: FeatureName): Problem =>
  new Problem('feature_off', `The feature ${feature} is turned off here.`, { more: { feature } });
