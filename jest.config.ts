/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

// Node 20 reads this file through the loader named above. The tests run as CommonJS and are not type-checked here:
// `npm run typecheck` does that, and so a run of the whole suite takes seconds.
// `AXIOS` names another copy of axios to test with, such as `axios-1.7`: the library and the tests both get it.
// `PLATFORM=browser` tests what the builds for browsers are made of, and `PLATFORM=script` the script for pages that
// `npm run build` has left, with its shortened names: it stands for the files of lib/ that users see.
// `PLATFORM=chromium` runs the tests of __tests__/browser/ and no others: pages in a real Chromium, of what is in dist/.
const { AXIOS: axiosCopy = 'axios', PLATFORM: platform } = process.env;
const browserResolver = '<rootDir>/scripts/jest-browser-resolver.cjs';
const script = '<rootDir>/dist/browser/index.min.js';
const IMPORTS = {
  node: { resolver: null, mapper: { '^(\\.{1,2}/.*)\\.js$': '$1' } },
  browser: { resolver: browserResolver, mapper: {} },
  script: {
    resolver: browserResolver,
    mapper: { '^[./]+/lib/(index|setup-cache|api/errors|storage/memory/memory)\\.js$': script },
  },
};
const inChromium = platform === 'chromium';
const imports = IMPORTS[(inChromium ? 'node' : (platform ?? 'node')) as keyof typeof IMPORTS];
const browserTests = '<rootDir>/__tests__/browser/';

const tsconfig = {
  module: 'commonjs',
  moduleResolution: 'bundler',
  target: 'es2022',
  isolatedModules: true,
  esModuleInterop: true,
  resolveJsonModule: true,
  inlineSourceMap: true,
};

/** Packages that are ES modules only; tests run as CommonJS. */
const ES_MODULES = [
  '@open-draft/deferred-promise',
  'agent-base',
  'axios-cookiejar-support',
  'cac',
  'http-proxy-agent',
  'proxy-agent-negotiate',
  'rettime',
  'until-async',
].join('|');

const config: Config = {
  testEnvironment: 'node',
  // A machine that does nothing else gives all of its cores; a person's machine keeps one.
  ...(process.env.CI === 'true' ? { maxWorkers: '100%' } : {}),
  // A loaded machine is slow, and no test waits for this.
  testTimeout: 30_000,
  testMatch: inChromium ? [`${browserTests}**/*.test.ts`] : ['<rootDir>/{__tests__,bench/__tests__}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...(inChromium ? [] : [browserTests])],
  moduleNameMapper: {
    '^axios$': axiosCopy,
    '^axios-client-cache$': platform === 'script' ? script : '<rootDir>/lib/index.ts',
    '^axios-client-cache/(.*)$': '<rootDir>/lib/$1.ts',
    ...imports.mapper,
  },
  resolver: imports.resolver,
  transform: {
    '^.+\\.ts$': ['ts-jest', { tsconfig }],
    '/dist/browser/index\\.min\\.js$': '<rootDir>/scripts/jest-script-transform.cjs',
    [`/node_modules/(${ES_MODULES})/.+\\.m?js$`]: ['ts-jest', { tsconfig: { ...tsconfig, allowJs: true } }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(.+/node_modules/)?(${ES_MODULES})/)`],
  collectCoverageFrom: ['lib/**/*.ts', '!lib/api/!(errors).ts'],
  coverageDirectory: 'coverage',
  coverageReporters: ['text', 'lcov'],
  coverageThreshold: {
    global: {},
    './lib/rfc9111/': { branches: 95 },
    './lib/options/lifetimes.ts': { branches: 95 },
    './lib/options/policy.ts': { branches: 95 },
    './lib/engine/*.ts': { branches: 95 },
  },
};

export default config;
