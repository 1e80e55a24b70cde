import { expect } from 'chai';
import { ConfigError, readConfig } from '../../src/config.js';
import { featureNames, features } from '../../src/lib/features.js';

const featuresOf = (text: string) => readConfig({ FEATURES: text }).features;

function mistakesOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.mistakes;
  }
}

const asListed = Object.fromEntries(featureNames.map((name) => [name, features[name].isOn]));
const listed = `(features: ${featureNames.join(', ')})`;

describe('FEATURES', () => {
  it('DOCS-4: leaves every feature as it is listed, when nothing is said', () => {
    expect(readConfig({}).features).deep.equal(asListed);
    expect(featuresOf('')).deep.equal(asListed);
  });

  it('DOCS-4: turns a feature on by its name and off by -name, and leaves the others', () => {
    expect(featuresOf('-waiting_list')).deep.equal({ ...asListed, waiting_list: false });
    expect(featuresOf(' report_jobs , -saved_reports ')).deep.equal({
      ...asListed,
      report_jobs: true,
      saved_reports: false,
    });
  });

  it('DOCS-4: refuses a name that is no feature’s, with the list of those that are', () => {
    for (const wrong of [
      'reports',
      '-reports',
      '--report_jobs',
      '+report_jobs',
      'Report_Jobs',
      '-',
      'toString',
    ])
      expect(mistakesOf({ FEATURES: wrong })).deep.equal([
        `FEATURES holds "${wrong}", which is no feature ${listed}`,
      ]);
    expect(mistakesOf({ FEATURES: 'report_jobs,,saved_reports' })).deep.equal([
      `FEATURES holds "", which is no feature ${listed}`,
    ]);
  });

  it('DOCS-4: refuses a feature that is named twice, or both on and off', () => {
    for (const twice of ['report_jobs,report_jobs', '-report_jobs,-report_jobs', 'report_jobs,-report_jobs'])
      expect(mistakesOf({ FEATURES: twice })).deep.equal([
        `FEATURES names report_jobs more than once ${listed}`,
      ]);
  });

  it('DOCS-4: says all that is wrong with it at once, beside the other mistakes', () => {
    expect(mistakesOf({ FEATURES: 'a,-b,report_jobs,-report_jobs', PORT: 'x' })).deep.equal([
      'PORT must be a number',
      `FEATURES holds "a", which is no feature; holds "-b", which is no feature; names report_jobs more than once ${listed}`,
    ]);
  });
});
