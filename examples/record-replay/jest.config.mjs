// In a project of your own `preset: 'ts-jest'` is enough: here the package is taken from its source.
const tsconfig = {
  module: 'commonjs',
  moduleResolution: 'bundler',
  target: 'es2022',
  isolatedModules: true,
  esModuleInterop: true,
};

export default {
  rootDir: import.meta.dirname,
  testMatch: ['**/jest.test.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig }] },
  moduleNameMapper: {
    '^axios-client-cache$': '<rootDir>/../../lib/index.ts',
    '^axios-client-cache/(.*)$': '<rootDir>/../../lib/$1.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
};
