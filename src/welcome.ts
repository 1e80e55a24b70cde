import type { Config } from './config.js';
import { modules as allModules } from './contracts/modules.js';
import type { DemoAccount } from './demo.js';

/**
 * What a person who has just typed `npm start` needs next: addresses that this process answers, and curl lines that work as
 * they stand.
 */
export function welcome(
  url: string,
  accounts: readonly DemoAccount[],
  { features, modules }: Pick<Config, 'features' | 'modules'>,
): string {
  const isOnly = modules.length < allModules.length;
  const lines = [
    `\nSmart Healthcare Management API${isOnly ? ` (${modules.join(', ')})` : ''}`,
    `  API        ${url}/api`,
    ...(features.booking_pages && modules.includes('clinical') ? [`  booking    ${url}/book`] : []),
    ...(features.report_pages && modules.includes('reports') ? [`  reports    ${url}/reports`] : []),
    `  reference  ${url}/docs`,
    `  health     ${url}/healthz ${url}/readyz ${url}/metrics`,
  ];
  const manager = accounts.find(({ role }) => role === 'manager');
  if (!manager || !modules.includes('identity')) return `${lines.join('\n')}\n`;
  lines.push('\nOne account for each role:');
  for (const { role, email, password } of accounts)
    lines.push(`  ${role.padEnd(14)}${email.padEnd(34)}${password}`);
  if (modules.includes('reports')) lines.push('\nTry:', ...tryLines(url, manager));
  lines.push('\nCtrl-C stops all of it.');
  return `${lines.join('\n')}\n`;
}

function tryLines(url: string, { email, password }: DemoAccount): string[] {
  const login = JSON.stringify({ email, password });
  const bearer = `-H "authorization: Bearer $TOKEN"`;
  return [
    `  TOKEN=$(curl -s ${url}/api/auth/login -H 'content-type: application/json' -d '${login}' | node -pe 'JSON.parse(fs.readFileSync(0)).access_token')`,
    `  curl -s ${bearer} '${url}/api/reports/top-doctors'`,
    `  curl -s ${bearer} '${url}/api/reports/average-prescription-cost?format=csv'`,
  ];
}
