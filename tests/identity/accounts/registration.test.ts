import { expect } from 'chai';
import { emailKey } from '../../../src/domains/identity/accounts/email.js';
import { readRegistration, type RegisterBody } from '../../../src/domains/identity/accounts/registration.js';
import type { Problem } from '../../../src/lib/errors.js';

const body = (fields: Partial<RegisterBody>): RegisterBody => ({
  email: 'a@b.example',
  password: 'x',
  name: 'Ann Smith',
  role: 'patient',
  ...fields,
});

function pointers(fields: Partial<RegisterBody>): string[] {
  try {
    readRegistration(body(fields));
  } catch (error) {
    const { code, options } = error as Problem;
    expect(code).to.equal('invalid_request');
    return options.errors!.map(({ pointer }) => pointer);
  }
  return [];
}

describe('the fields of a registration', () => {
  const vendor = { business_name: 'Med Ltd', business_registration: 'R-1', service_areas: ['North'] };
  const table: [about: string, fields: Partial<RegisterBody>, wrong: string[]][] = [
    ['name', {}, []],
    ['first and last name', { name: undefined, first_name: 'Ann', last_name: 'Smith' }, []],
    ['no name', { name: undefined }, ['/body/name']],
    ['half a name', { name: undefined, first_name: 'Ann' }, ['/body/name']],
    ['both kinds of name', { first_name: 'Ann', last_name: 'Smith' }, ['/body/name']],
    ['patient with age and sex', { age: 40, sex: 'female' }, []],
    ['patient with date of birth', { date_of_birth: new Date(0) }, []],
    ['patient with both', { date_of_birth: new Date(0), age: 40 }, ['/body/age']],
    ['patient with a business', { business_name: 'Med Ltd' }, ['/body/business_name']],
    ['patient with a doctor', { doctor_id: 'D1' }, ['/body/doctor_id']],
    ['vendor', { role: 'vendor', ...vendor }, []],
    [
      'vendor without a thing',
      { role: 'vendor' },
      ['/body/business_name', '/body/business_registration', '/body/service_areas'],
    ],
    ['vendor with an age', { role: 'vendor', ...vendor, age: 4 }, ['/body/age']],
    ['customer', { role: 'customer', type: 'facility' }, []],
    ['customer without type', { role: 'customer' }, ['/body/type']],
    [
      'customer with areas',
      { role: 'customer', type: 'individual', service_areas: ['x'] },
      ['/body/service_areas'],
    ],
    ['doctor', { role: 'doctor' }, []],
    ['doctor with a record', { role: 'doctor', doctor_id: 'D1' }, []],
    ['manager with a record', { role: 'manager', doctor_id: 'D1' }, ['/body/doctor_id']],
    [
      'everything at once',
      { role: 'customer', name: undefined, sex: 'male', ...vendor },
      [
        '/body/name',
        '/body/sex',
        '/body/business_name',
        '/body/business_registration',
        '/body/service_areas',
        '/body/type',
      ],
    ],
  ];
  for (const [about, fields, wrong] of table) {
    it(`AUTH-1: ${about}: ${wrong.length === 0 ? 'taken' : `names ${wrong.length} fields`}`, () => {
      expect(pointers(fields)).to.have.members(wrong);
    });
  }

  it('AUTH-1: joins first and last name', () => {
    const fields = body({ first_name: 'Ann', last_name: 'Smith' });
    delete fields.name;
    expect(readRegistration(fields)).to.eql({ name: 'Ann Smith', vendor: null, customer: null });
  });
});

describe('the key of an email', () => {
  it('AUTH-1: is the same for the same account', () => {
    const key = emailKey('Ann@Clinic.Example');
    for (const same of ['ANN@CLINIC.EXAMPLE', 'Ａnn@clinic.example', 'ann@clinic.exａmple'])
      expect(emailKey(same)).to.equal(key);
    expect(emailKey('e\u0301@x.example')).to.equal(emailKey('\u00c9@x.example'));
    expect(emailKey('anne@clinic.example')).to.not.equal(key);
  });
});
