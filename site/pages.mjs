// What the site has, in the order of its sidebar. docs/README.md and llms.txt are made of it.

/** The page at the top, which is made of this list. */
export const INDEX = 'README.md';

/** `path` is below docs/. `use` completes "read it …". */
export const GROUPS = [
  {
    title: 'Begin',
    pages: [
      { path: 'getting-started.md', title: 'Getting started', use: 'for the first three minutes' },
      { path: 'troubleshooting.md', title: 'Why was it not cached?', use: 'when it does not do what you expected' },
      { path: 'when-not.md', title: 'When not to use it', use: 'before you decide' },
    ],
  },
  {
    title: 'How it works',
    pages: [
      { path: 'expiration.md', title: 'How long an answer is kept', use: 'for lifetimes, URL patterns and headers' },
      { path: 'headers.md', title: 'Headers', use: 'for each header that the cache reads, sends or adds' },
      {
        path: 'keys-and-users.md',
        title: 'Keys and users',
        use: 'where several users share an instance',
      },
      { path: 'security.md', title: 'Security', use: 'for what it defends against, and what it leaves to you' },
      { path: 'mutations.md', title: 'After a change', use: 'when a POST, PUT or DELETE makes answers old' },
      { path: 'invalidation.md', title: 'When stored answers go', use: 'for the rules of invalidation' },
      { path: 'manager.md', title: 'Looking into the cache', use: 'to list, read, write and delete what is stored' },
      { path: 'streams.md', title: 'Streams', use: "for `responseType: 'stream'`" },
      { path: 'redirects.md', title: 'Redirects', use: 'when you wonder about one; normally you need not' },
    ],
  },
  {
    title: 'Storages',
    pages: [
      { path: 'storages.md', title: 'Choosing a storage', use: 'to keep answers between runs, or share them' },
      { path: 'storages/sqlite.md', title: 'SQLite', use: 'for one machine' },
      { path: 'storages/filesystem.md', title: 'Files in a folder', use: 'for one machine without SQLite' },
      { path: 'storages/redis.md', title: 'Redis', use: 'for several machines' },
      { path: 'storages/mongodb.md', title: 'MongoDB', use: 'for several machines' },
      { path: 'storages/dynamodb.md', title: 'DynamoDB', use: 'for AWS' },
      { path: 'storages/tiered.md', title: 'Tiers', use: 'to put memory in front of another storage' },
      { path: 'storages/indexeddb.md', title: 'IndexedDB', use: 'for browsers' },
      { path: 'storages/key-value.md', title: 'Key-value stores', use: 'for Keyv, unstorage, localStorage and others' },
      {
        path: 'storages/record-options.md',
        title: 'Compression, signatures, encryption',
        use: 'for what they have in common',
      },
      { path: 'storages/your-own.md', title: 'A storage of your own', use: 'to write one, and test it' },
    ],
  },
  {
    title: 'Where it runs',
    pages: [
      { path: 'browsers.md', title: 'Browsers', use: 'for CORS, cookies, quota, sizes and the panel' },
      { path: 'serverless.md', title: 'Serverless platforms', use: 'for Vercel, Cloudflare and Lambda' },
      { path: 'frameworks.md', title: 'Frameworks', use: 'for NestJS, React Query, SWR and server rendering' },
      { path: 'typescript.md', title: 'TypeScript', use: 'for types' },
    ],
  },
  {
    title: 'Tools',
    pages: [
      { path: 'testing.md', title: 'Record and replay', use: 'for tests without a server' },
      { path: 'command-line.md', title: 'Command line', use: 'to look into a storage from a terminal' },
      { path: 'tracing.md', title: 'Tracing', use: "for events, Node's channels and OpenTelemetry" },
    ],
  },
  {
    title: 'Measured',
    pages: [
      { path: 'performance.md', title: 'Performance', use: 'for what a request costs, next to others' },
      {
        path: 'storages/performance.md',
        title: 'Performance of the storages',
        use: 'for what each storage costs, next to its driver',
      },
      { path: 'conformance.md', title: 'Conformance', use: 'for how far it follows RFC 9111' },
      { path: 'reliability.md', title: 'Reliability', use: 'for what is proven, and by which command' },
    ],
  },
  {
    title: 'Coming from',
    pages: [
      {
        path: 'migrate/axios-cache-interceptor.md',
        title: 'axios-cache-interceptor',
        use: 'with its options in a table',
      },
      { path: 'migrate/axios-cache-adapter.md', title: 'axios-cache-adapter', use: 'with its options in a table' },
      {
        path: 'migrate/aiohttp-client-cache.md',
        title: 'aiohttp-client-cache, requests-cache',
        use: 'with each option and method by their name',
      },
    ],
  },
  { title: 'Reference', pages: [{ path: 'api.md', title: 'API', use: 'for every type and function' }] },
];
