import newman, { type NewmanRunSummary } from 'newman';

const collection = 'postman/SmartHealthcare.postman_collection.json';

/** Runs the tour of the Postman collection; its failures, and the requests that it made. */
export async function runTour(
  url: string,
  account: { readonly email: string; readonly password: string },
): Promise<{ failures: string[]; requests: string[] }> {
  const values = { baseUrl: `${url}/api`, ...account };
  const envVar = Object.entries(values).map(([key, value]) => ({ key, value }));
  const summary = await new Promise<NewmanRunSummary>((resolve, reject) =>
    newman.run({ collection, folder: 'Tour', envVar }, (error, done) =>
      error ? reject(error) : resolve(done),
    ),
  );
  const { failures, executions } = summary.run;
  return {
    failures: failures.map(({ error, source }) => `${source?.name}: ${error.message}`),
    requests: executions.map(({ item, response }) => `${item.name} ${response.code}`),
  };
}
