/** How much of a heavy test is run: enough to find a fault that is there in `npm test`, all of it in `npm run test:long`. */
export const size = <T>({ usual, long }: { readonly usual: T; readonly long: T }): T =>
  process.env['TEST_LONG'] === '1' ? long : usual;
