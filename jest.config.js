/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // For tests of real processes and sockets, on a machine that may be slow. All others take milliseconds.
  testTimeout: 30_000,
  roots: ['<rootDir>/tests'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  setupFiles: ['reflect-metadata'],
  transform: {
    '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: 'tests/tsconfig.json' }],
  },
  collectCoverageFrom: ['src/**/*.ts'],
  coverageProvider: 'babel',
  coverageThreshold: { global: { branches: 100, functions: 100, lines: 100, statements: 100 } },
};
