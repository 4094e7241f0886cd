import config from '../../jest.config.js';

/** The tests that find mutants: those of the sources themselves, without child processes, networks and random runs. */
export default {
  ...config,
  rootDir: '../..',
  testPathIgnorePatterns: ['/node_modules/', '/tests/(model|network|package|process|readme)/'],
};
