'use strict';

/** Globals through which time and the outside would come in behind the ports. */
const OUTSIDE = ['setTimeout', 'setInterval', 'setImmediate', 'Date', 'performance', 'process', 'console'];

/** What a room may not import. `group` patterns are matched as in a .gitignore. */
const forbid = (...patterns) => ({
  'no-restricted-imports': [
    'error',
    { patterns: patterns.map(([group, message]) => ({ group: [group].flat(), message })) },
  ],
});

module.exports = {
  root: true,
  ignorePatterns: ['dist', 'coverage', 'docs/api', 'reports', '.stryker-tmp', 'node_modules'],
  env: { es2022: true, node: true },
  parserOptions: { ecmaVersion: 2024, sourceType: 'module' },
  extends: ['eslint:recommended'],
  reportUnusedDisableDirectives: true,
  rules: { eqeqeq: 'error', 'no-console': 'error' },
  overrides: [
    { files: ['*.cjs'], parserOptions: { sourceType: 'script' } },
    {
      files: ['*.ts'],
      parser: '@typescript-eslint/parser',
      parserOptions: { projectService: true, tsconfigRootDir: __dirname },
      plugins: ['@typescript-eslint'],
      extends: ['plugin:@typescript-eslint/strict-type-checked', 'plugin:@typescript-eslint/stylistic-type-checked'],
      rules: {
        '@typescript-eslint/consistent-type-imports': 'error',
        '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
        '@typescript-eslint/explicit-module-boundary-types': 'error',
        '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      },
    },
    {
      files: ['src/**/*.ts'],
      excludedFiles: ['src/adapters/**', 'src/senders/http-keepalive.ts'],
      rules: {
        'no-restricted-globals': ['error', ...OUTSIDE.map((name) => ({ name, message: 'Goes through a port.' }))],
      },
    },
    {
      files: ['src/ports/**/*.ts', 'src/validate.ts'],
      rules: forbid(['**', 'Imports nothing.']),
    },
    {
      files: ['src/tracker/**/*.ts'],
      rules: forbid(
        [['**/adapters/**', '**/testing/**', '**/container/**', '!**/container/tokens.js'], 'Not from the tracker.'],
        ['node:*', 'The outside comes through a port.'],
        [['tsyringe', 'reflect-metadata', '**/container/tokens.js'], 'For the tracker class alone.'],
      ),
    },
    {
      files: ['src/tracker/session-activity-tracker.ts'],
      rules: forbid(
        [['**/adapters/**', '**/testing/**', '**/container/**', '!**/container/tokens.js'], 'Not from the tracker.'],
        ['node:*', 'The outside comes through a port.'],
      ),
    },
    {
      files: ['src/adapters/**/*.ts'],
      rules: forbid([
        ['**/tracker/**', '!**/tracker/events.js', '**/testing/**', '**/container/**', 'tsyringe', 'reflect-metadata'],
        'An adapter knows its port and Node.',
      ]),
    },
    {
      files: ['src/testing/**/*.ts'],
      rules: forbid([
        ['**/adapters/**', '**/container/**', '@jest/*', 'jest', 'tsyringe', 'reflect-metadata', 'node:*'],
        'The testing kit is free of frameworks.',
      ]),
    },
    {
      files: ['src/hub/**/*.ts', 'src/opentelemetry/**/*.ts', 'src/senders/**/*.ts'],
      rules: forbid([
        ['**/adapters/**', '**/testing/**', '**/container/**', 'tsyringe', 'reflect-metadata', 'node:*'],
        'Stands on the tracker alone.',
      ]),
    },
    { files: ['src/container/**/*.ts'], rules: forbid(['**/testing/**', 'Not in production.']) },
    {
      files: ['tests/**/*.test.ts'],
      plugins: ['jest'],
      extends: ['plugin:jest/recommended', 'plugin:jest/style'],
    },
    { files: ['tests/**', 'examples/**', '.ci/**'], rules: { 'no-console': 'off' } },
  ],
};
