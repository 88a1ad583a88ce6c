/** One jest project a suite; `npm test` runs them in this order (test/run.mjs). */
const suite = (name) => ({
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/build/'],
});

export default {
  // Real tools on a busy machine: a limit that only a hang meets.
  testTimeout: 180_000,
  projects: ['unit', 'smoke', 'lab', 'boot', 'salt', 'ansible'].map(suite),
};
