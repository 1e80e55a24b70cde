import newman, { type NewmanRunSummary } from 'newman';

const file = 'postman/SmartHealthcare.postman_collection.json';

/** Runs the tour of the Postman collection, or all of one; its failures, and the requests that it made. */
export async function runTour(
  url: string,
  account: Readonly<Record<string, string>> & { readonly email: string; readonly password: string },
  collection: object | string = file,
): Promise<{ failures: string[]; requests: string[] }> {
  const values = { baseUrl: `${url}/api`, ...account };
  const envVar = Object.entries(values).map(([key, value]) => ({ key, value }));
  const summary = await new Promise<NewmanRunSummary>((resolve, reject) =>
    newman.run({ collection, ...(collection === file ? { folder: 'Tour' } : {}), envVar }, (error, done) =>
      error ? reject(error) : resolve(done),
    ),
  );
  const { failures, executions } = summary.run;
  return {
    failures: failures.map(({ error, source }) => `${source?.name}: ${error.message}`),
    requests: executions.map(({ item, response }) => `${item.name} ${response?.code ?? 'no answer'}`),
  };
}
