import config from '../../jest.config.js';

/** The tests that find mutants: those of the sources themselves, without child processes and random runs. */
export default {
  ...config,
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/mutation/all.ts'],
};
