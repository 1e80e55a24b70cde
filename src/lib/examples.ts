/** What the document and the Postman collection show. A word means one thing everywhere, so one example does for all. */
const examples: Readonly<Record<string, string>> = {
  id: 'B1001',
  patient_id: 'P1001',
  doctor_id: 'D1001',
  department_id: 'CARD',
  hospital_id: 'H1',
  appointment_id: 'A1001',
  prescription_id: 'RX1001',
  transaction_id: 'T1001',
  refund_id: 'RF1001',
  hold_id: 'HO1001',
  waiting_id: 'W1001',
  notification_id: 'N1001',
  user_id: 'U1001',
  session_id: 'S1001',
  name: 'Asha Rao',
  first_name: 'Asha',
  last_name: 'Rao',
  business_name: 'Corner Pharmacy',
  region: 'North',
  address: '12 Harbour Street',
  department_name: 'Cardiology',
  specialty: 'Cardiology',
  disease: 'Asthma',
  disease_code: 'J45',
  drug: 'Salbutamol 100 µg inhaler',
  substance: 'Penicillin',
  reason: 'Short of breath at night',
};

/** An example of the text field `name`, where there is one. */
export const exampleOf = (name: string): string | undefined => examples[name];
