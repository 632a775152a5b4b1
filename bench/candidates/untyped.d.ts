/** make-fetch-happen comes without types; this is the part of it that the benchmark uses. */
declare module 'make-fetch-happen' {
  type Fetch = (url: string) => Promise<{ json(): Promise<unknown> }>;
  const fetch: Fetch & { defaults(options: { readonly cachePath: string }): Fetch };
  export default fetch;
}
