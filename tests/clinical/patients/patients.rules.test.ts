import { expect } from 'chai';
import { openDiseases, openedOn } from '../../../src/domains/clinical/patients/patients.diagnoses.js';
import { findFault } from '../../../src/domains/clinical/patients/patients.rules.js';

const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
const diagnosis = (disease: string, start: string, end?: string) => ({
  ...{ disease, code: null, start_date: day(start), end_date: end === undefined ? null : day(end) },
});
const mould = { substance: 'Mould', code: null, category: null, reaction: null, severity: null };

describe('the rules of a patient', () => {
  describe('openDiseases', () => {
    it('PAT-6: names each open disease once, in the order of its first start', () => {
      const diagnoses = [
        diagnosis('Asthma', '2020-05-01'),
        diagnosis('Gout', '2019-01-01'),
        diagnosis('Influenza', '2018-01-01', '2018-01-20'),
        diagnosis('Gout', '2021-01-01'),
      ];
      expect(openDiseases(diagnoses)).to.deep.equal(['Gout', 'Asthma']);
      expect(openDiseases([])).to.deep.equal([]);
    });

    it('PAT-6: a disease that ended and came back is open', () => {
      expect(
        openDiseases([diagnosis('Gout', '2019-01-01', '2019-02-01'), diagnosis('Gout', '2021-01-01')]),
      ).to.deep.equal(['Gout']);
    });

    it('PAT-1: diseases that are only named are open from that day, each once', () => {
      expect(openedOn(day('2026-01-01'), ['Gout', 'Asthma', 'Gout'])).to.deep.equal([
        diagnosis('Gout', '2026-01-01'),
        diagnosis('Asthma', '2026-01-01'),
      ]);
    });
  });

  describe('findFault', () => {
    const today = day('2026-06-15');
    const faultOf = (fields: object) =>
      findFault(
        {
          ...{ date_of_birth: day('1980-01-01'), deceased_date: null, diagnoses: [] },
          allergies: { state: 'not_asked', items: [] },
          ...fields,
        },
        today,
      )?.field;

    it('PAT-1: dates of birth and death are in order, and not in the future', () => {
      expect(faultOf({})).to.equal(undefined);
      expect(faultOf({ date_of_birth: today })).to.equal(undefined);
      expect(faultOf({ date_of_birth: null, deceased_date: day('1970-01-01') })).to.equal(undefined);
      expect(faultOf({ date_of_birth: day('2026-06-16') })).to.equal('date_of_birth');
      expect(faultOf({ deceased_date: day('2026-06-16') })).to.equal('deceased_date');
      expect(faultOf({ deceased_date: day('1979-12-31') })).to.equal('deceased_date');
    });

    it('PAT-6: a diagnosis does not end before it starts', () => {
      const diagnoses = [
        diagnosis('Gout', '2019-01-02', '2019-01-02'),
        diagnosis('Gout', '2019-01-02', '2019-01-01'),
      ];
      expect(faultOf({ diagnoses })).to.equal('diagnoses/1/end_date');
      expect(faultOf({ diagnoses: diagnoses.slice(0, 1) })).to.equal(undefined);
    });

    it('PAT-6: the allergies are listed when there are some, and only then', () => {
      expect(faultOf({ allergies: { state: 'listed', items: [mould] } })).to.equal(undefined);
      expect(faultOf({ allergies: { state: 'none_known', items: [] } })).to.equal(undefined);
      expect(faultOf({ allergies: { state: 'listed', items: [] } })).to.equal('allergies/state');
      expect(faultOf({ allergies: { state: 'none_known', items: [mould] } })).to.equal('allergies/state');
      expect(faultOf({ allergies: { state: 'not_asked', items: [mould] } })).to.equal('allergies/state');
    });
  });
});
