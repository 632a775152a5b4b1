import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const NODE_GLOBALS = ['Buffer', 'URL', 'clearTimeout', 'console', 'fetch', 'process', 'setTimeout'];

/** Written lists of exports, and plain data where TypeScript would add run-time code. */
const libSyntax = [
  { selector: 'ExportAllDeclaration', message: 'The public surface is a written list: name each export.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
  { selector: 'TSModuleDeclaration[kind="namespace"]', message: 'Use a module.' },
];

/** In lib/rfc9111 the clock is an argument and nothing waits. */
const pureSyntax = [
  { selector: 'AwaitExpression', message: 'rfc9111 is pure: no await.' },
  { selector: ':function[async=true]', message: 'rfc9111 is pure: no async function.' },
  { selector: 'MemberExpression[object.name="Date"][property.name="now"]', message: 'The time is an argument.' },
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'The time is an argument.' },
  { selector: 'MemberExpression[object.name="Math"][property.name="random"]', message: 'rfc9111 is pure.' },
];

/** Matches a line with a string that is long itself. The rule's own `ignoreStrings` would excuse every import. */
const LONG_STRING = /'[^']{60,}'|"[^"]{60,}"/.source;

export default defineConfig(
  globalIgnores(['**/dist/', 'coverage/', '.stryker-tmp/']),
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [js.configs.recommended],
    languageOptions: { globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])) },
    rules: { eqeqeq: 'error' },
  },
  {
    files: ['**/*.ts'],
    extends: [js.configs.recommended, tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '/dist(/|$)', message: 'Import the source, or the package by its name.' }] },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true, checkThenables: true }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
    },
  },
  {
    files: ['lib/**/*.ts'],
    rules: {
      complexity: ['error', 15],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...libSyntax],
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
  {
    files: ['{lib,scripts,__tests__,examples,site}/**/*.{js,mjs,ts}'],
    rules: {
      'max-len': [
        'error',
        {
          code: 120,
          ignorePattern: LONG_STRING,
          ignoreRegExpLiterals: true,
          ignoreTemplateLiterals: true,
          ignoreUrls: true,
        },
      ],
    },
  },
  {
    files: ['lib/rfc9111/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'Buffer', 'crypto', 'fetch', 'process', 'setInterval', 'setTimeout'],
      'no-restricted-syntax': ['error', ...libSyntax, ...pureSyntax],
    },
  },
  {
    // Where the environment is reached, its console too.
    files: ['lib/support/platform.ts', 'lib/support/platform.browser.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    // The names and type parameters here are axios' own, `any` included.
    files: ['lib/api/{instance,manager,response}.ts'],
    rules: {
      '@typescript-eslint/no-empty-object-type': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unused-vars': 'off',
    },
  },
  {
    // Bodies are `any` in axios; a test, an example or the demo may look into one.
    files: ['{__tests__,bench,conformance,demo,examples,proof,rivals,services,soak,types-tests}/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['types-tests/**/*.ts'],
    rules: { '@typescript-eslint/no-unused-vars': 'off' },
  },
);
