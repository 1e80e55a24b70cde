import type { Department } from '../domains/network/departments/index.js';
import type { Hospital } from '../domains/network/hospitals/hospitals.types.js';
import type { DepartmentCard } from './booking/departments.page.js';
import type { WebDeps } from './web.deps.js';

/* Records with the names of those that they refer to. */

const card = (department: Department, { name, region, address }: Hospital): DepartmentCard => ({
  department_id: department.department_id,
  department_name: department.department_name,
  operating_start_hour: department.operating_start_hour,
  operating_end_hour: department.operating_end_hour,
  hospital: { name, region, address },
});

export function createRecords({ hospitals, departments, doctors }: WebDeps) {
  /** Throws `not_found`. */
  async function departmentOf(department_id: string): Promise<{ department: DepartmentCard; zone: string }> {
    const department = await departments.get(department_id);
    const hospital = await hospitals.get(department.hospital_id);
    return { department: card(department, hospital), zone: hospital.time_zone };
  }

  return {
    departmentOf,

    async cardsOf(found: readonly Department[]): Promise<DepartmentCard[]> {
      const ids = [...new Set(found.map(({ hospital_id }) => hospital_id))];
      const byId = new Map(await Promise.all(ids.map(async (id) => [id, await hospitals.find(id)] as const)));
      return found.flatMap((department) => {
        const hospital = byId.get(department.hospital_id);
        return hospital ? [card(department, hospital)] : [];
      });
    },

    /** What a line about a visit says of the doctor and the hospital, also when they are there no more. */
    async namesOf({ doctor_id, hospital_id }: { doctor_id: string; hospital_id: string }) {
      const [doctor, hospital] = await Promise.all([doctors.find(doctor_id), hospitals.find(hospital_id)]);
      return {
        doctor_name: doctor?.name ?? 'a doctor who has left',
        hospital_name: hospital?.name ?? 'a former hospital',
        zone: hospital?.time_zone ?? 'UTC',
      };
    },
  };
}
