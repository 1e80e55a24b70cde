/**
 * The groups of `src/domains`, in the order in which `composition.ts` builds them: each may import those before it. A group
 * is a module is a name in MODULES.
 */
export const modules = [
  'identity',
  'network',
  'clinical',
  'money',
  'messages',
  'reports',
  'exchange',
] as const;
export type ModuleName = (typeof modules)[number];
