'use strict';

/** Globals that bring in time or the outside, which must come through a port. */
const OUTSIDE = ['setTimeout', 'setInterval', 'setImmediate', 'Date', 'performance', 'process', 'console'];

/** Bans these globals, but for those that are named. */
const banOutside = (...except) => ({
  'no-restricted-globals': [
    'error',
    ...OUTSIDE.filter((name) => !except.includes(name)).map((name) => ({ name, message: 'Goes through a port.' })),
  ],
});

/**
 * What each room of src/ may import besides its own files, on-abort.ts and validate.ts: rooms, rooms for their types alone, packages,
 * packages for their types alone.
 */
const ROOMS = {
  ports: { typesOfPackages: ['tsyringe'] },
  tracker: { rooms: ['ports', 'streams'], typesOfPackages: ['tsyringe'] },
  streams: { rooms: ['ports', 'tracker'] },
  adapters: { rooms: ['ports'], typesOf: ['tracker'], packages: ['node:.*'] },
  hub: { rooms: ['ports', 'tracker'], typesOfPackages: ['tsyringe'] },
  senders: { rooms: ['ports'], typesOf: ['tracker'] },
  redis: { rooms: ['ports'], typesOf: ['hub', 'tracker'], packages: ['ioredis'] },
  opentelemetry: { typesOf: ['hub', 'tracker'], packages: ['@opentelemetry/api'] },
  testing: { rooms: ['ports', 'tracker'] },
  report: { typesOf: ['ports', 'tracker'], packages: ['node:.*'] },
  container: {
    rooms: ['ports', 'tracker', 'streams', 'adapters', 'hub', 'senders', 'redis', 'opentelemetry'],
    packages: ['tsyringe', 'reflect-metadata'],
  },
};

const importsOf = ({ rooms = [], typesOf = [], packages = [], typesOfPackages = [] }, self) => {
  const forbidden = Object.keys(ROOMS).filter((room) => ![self, ...rooms, ...typesOf].includes(room));
  const folders = (names) => names.map((name) => `**/${name}/**`);
  const patterns = [
    { group: folders(forbidden), message: `Not from ${self}/.` },
    { group: folders(typesOf), message: 'Only its types.', allowTypeImports: true },
    { regex: `^(?!\\.)(?!(${packages.join('|')})$)`, message: 'Only its types.', allowTypeImports: true },
    { regex: `^(?!\\.)(?!(${[...packages, ...typesOfPackages].join('|')})$)`, message: `Not from ${self}/.` },
  ];
  return {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: patterns.filter(({ group }) => group === undefined || group.length > 0) },
    ],
  };
};

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
    { files: ['src/**/*.ts'], excludedFiles: ['src/{adapters,report}/**'], rules: banOutside() },
    { files: ['src/hub/drain.ts'], rules: banOutside('setTimeout') },
    { files: ['src/hub/agent-core-ping.ts', 'src/senders/http-keepalive.ts'], rules: banOutside('Date') },
    { files: ['src/redis/redis-leases.ts'], rules: banOutside('setTimeout', 'performance') },
    ...Object.entries(ROOMS).map(([room, imports]) => ({
      files: [`src/${room}/**/*.ts`],
      rules: importsOf(imports, room),
    })),
    {
      files: ['src/tracker/session-activity-tracker.ts'],
      rules: importsOf({ ...ROOMS.tracker, packages: ['tsyringe', 'reflect-metadata'] }, 'tracker'),
    },
    { files: ['src/{on-abort,validate}.ts'], rules: { 'no-restricted-imports': ['error', { patterns: ['**'] }] } },
    {
      files: ['tests/**/*.test.ts'],
      plugins: ['jest'],
      extends: ['plugin:jest/recommended', 'plugin:jest/style'],
    },
    { files: ['tests/**', 'examples/**', '.ci/**'], rules: { 'no-console': 'off' } },
  ],
};
