// @ts-check
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const closedShapes = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals: enums are neither erasable nor structural.' },
  { selector: 'ExportAllDeclaration', message: 'Name what is exported: `export *` hides what a module promises.' },
];
const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Named exports only: one name per thing everywhere.',
};

/** What would make the protocol depend on when, where or how often it runs. */
const impureGlobals = [
  'Date',
  'globalThis',
  'process',
  'console',
  'performance',
  'crypto',
  'fetch',
  'Buffer',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
].map((name) => ({ name, message: 'The protocol is pure: time, chance and I/O are arguments.' }));

export default defineConfig(
  globalIgnores(['**/dist/', '**/node_modules/', '.cache/', 'data/', 'coverage/', 'bench/results/', '**/gen/']),
  {
    files: ['**/*.{ts,js,mjs}'],
    extends: [tseslint.configs.strictTypeChecked],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: {
      parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', ...closedShapes, noDefaultExport],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // An async method without await is how a port with promises is implemented by something immediate.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['packages/protocol/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', ...impureGlobals],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'The protocol is pure: chance is an argument.' },
      ],
      'no-restricted-imports': ['error', { patterns: ['node:*', '@tandem/*'] }],
    },
  },
  {
    files: ['**/*.test.{ts,mjs}'],
    rules: {
      // `expect(object.method)` and matchers such as `expect.any()` are how Vitest is used.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    // Scripts run before anything is installed: plain JavaScript, its types in comments and checked by tsc.
    files: ['**/*.{js,mjs}'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
    },
  },
  {
    files: ['*.config.{js,ts}'],
    rules: { 'no-restricted-syntax': ['error', ...closedShapes] },
  },
);
