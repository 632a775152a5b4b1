/** The manifest says what the build makes and asks of its users no more than it must. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './support/root.js';

const readJson = <T>(path: string): T => JSON.parse(readFileSync(join(root, path), 'utf8')) as T;

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly typesVersions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}
const manifest = readJson<Manifest>('package.json');
const entries = readJson<Record<string, string>>('rollup.entries.json');

/** Who requires a module gets the one that Node gets. */
const forBrowsers = (entry: string) => ({
  import: { types: `./dist/${entry}.d.ts`, default: `./dist/browser/${entry}.js` },
});

/**
 * What needs Node is itself wherever its modules are, such as in an Electron window; a browser gets what only says that
 * it is not for it. Only bundlers know the condition `module`: so a guarded `require` can be built too, and a test in
 * jsdom, which runs on Node, gets what Node gets.
 */
const forNode = (entry: string) => ({
  node: { import: `./dist/${entry}.js`, require: `./dist/${entry}.cjs` },
  workerd: `./dist/${entry}.js`,
  browser: { ...forBrowsers(entry), module: forBrowsers(entry).import },
});

const subpath = (entry: string): string => (entry === 'index' ? '.' : `./${entry}`);

describe('exports', () => {
  test('are the entries of the build and package.json, no more and no fewer', () => {
    expect(Object.keys(manifest.exports).sort()).toEqual(
      [...Object.keys(entries).map(subpath), './package.json'].sort(),
    );
  });

  test.each(Object.keys(entries))('%s: ESM and CommonJS, each with types of its own, and for browsers', (entry) => {
    const needsNode = 'node' in (manifest.exports[subpath(entry)] as object);
    expect(manifest.exports[subpath(entry)]).toEqual({
      ...(needsNode ? forNode(entry) : { browser: forBrowsers(entry) }),
      import: { types: `./dist/${entry}.d.ts`, default: `./dist/${entry}.js` },
      require: { types: `./dist/${entry}.d.cts`, default: `./dist/${entry}.cjs` },
    });
  });

  test('type checkers that know no `exports` find the types of each subpath', () => {
    const subpaths = Object.keys(entries).filter((entry) => entry !== 'index');
    expect(manifest.typesVersions).toEqual({
      '*': Object.fromEntries(subpaths.map((entry) => [entry, [`./dist/${entry}.d.cts`]])),
    });
  });

  test.each(Object.keys(entries))('a bundler for browsers meets its own condition first: %s', (entry) => {
    const conditions = Object.keys(manifest.exports[subpath(entry)] as object);
    expect(conditions.filter((each) => !['node', 'workerd'].includes(each))).toEqual(['browser', 'import', 'require']);
    expect(conditions.indexOf('browser')).toBe(conditions.length - 3);
  });

  test.each(Object.entries(entries))('%s is at a place where the type checker and jest look for it', (entry, file) => {
    expect(file).toBe(`lib/${entry}.ts`);
  });
});

describe('benchmark', () => {
  interface BenchManifest {
    readonly dependencies: Readonly<Record<string, string>>;
  }
  const { dependencies } = readJson<BenchManifest>('bench/package.json');

  test('what is compared has exact versions, those of the tests where they have it too', () => {
    for (const [name, version] of Object.entries(dependencies)) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      expect([name, manifest.devDependencies[name] ?? version]).toEqual([name, version]);
    }
  });
});

describe('dependencies', () => {
  test('lru-cache is the only one at run time', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['lru-cache']);
  });

  test('no optional peer has a range with an upper end: it would fail the install of a project that has another version', () => {
    const { axios: _required, ...drivers } = manifest.peerDependencies;
    const servers = { '@aws-sdk/client-dynamodb': '>=3', mongoose: '>=7', redis: '>=4' };
    const expected = { ...servers, sqlite3: '>=5', '@opentelemetry/api': '>=1.4.0' };
    expect(drivers).toEqual(expected);
  });

  test('axios is a required peer, every driver an optional one', () => {
    const optional = Object.keys(manifest.peerDependencies).filter(
      (name) => manifest.peerDependenciesMeta[name]?.optional === true,
    );
    expect(Object.keys(manifest.peerDependencies)).toContain('axios');
    expect(optional).toEqual(Object.keys(manifest.peerDependencies).filter((name) => name !== 'axios'));
    expect(Object.keys(manifest.peerDependenciesMeta).sort()).toEqual(optional.sort());
  });
});
