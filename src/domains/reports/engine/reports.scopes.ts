import type { Scope } from '../../../../aggregations/stages/filters.js';

interface Places {
  regions(): Promise<string[]>;
  hospitalIdsOf(filter: { readonly region: string }): Promise<string[] | undefined>;
  departmentIdsOf(filter: { readonly hospital_id: string }): Promise<string[] | undefined>;
}

/** What a question's places are made of: regions, of a region its hospitals, of a hospital its departments. */
export const createScopes =
  ({ regions, hospitalIdsOf, departmentIdsOf }: Places) =>
  async ({ hospital_ids, department_ids }: Scope): Promise<readonly Scope[]> => {
    if (department_ids !== undefined) return [];
    if (hospital_ids === undefined) {
      const ids = await Promise.all((await regions()).map((region) => hospitalIdsOf({ region })));
      return ids.map((of) => ({ hospital_ids: of?.toSorted() }));
    }
    const [hospital_id, ...others] = hospital_ids;
    if (hospital_id === undefined) return [];
    if (others.length > 0) return hospital_ids.map((id) => ({ hospital_ids: [id] }));
    const departments = (await departmentIdsOf({ hospital_id })) ?? [];
    return departments.map((id) => ({ hospital_ids, department_ids: [id] }));
  };
