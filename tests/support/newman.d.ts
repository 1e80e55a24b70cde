/** The part of newman that the tests use; it ships no types. */
declare module 'newman' {
  export interface NewmanRunSummary {
    readonly run: {
      readonly failures: readonly { readonly error: Error; readonly source?: { readonly name: string } }[];
      readonly executions: readonly {
        readonly item: { readonly name: string };
        readonly response: { readonly code: number };
      }[];
    };
  }
  interface Pair {
    readonly key: string;
    readonly value: string;
  }
  const newman: {
    run(
      options: {
        readonly collection: string | object;
        readonly folder?: string;
        readonly envVar: readonly Pair[];
      },
      done: (error: Error | null, summary: NewmanRunSummary) => void,
    ): void;
  };
  export default newman;
}
