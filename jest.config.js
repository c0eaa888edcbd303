// `unit` starts no process and no server. `probe` runs complete probes in process. `e2e` runs the built program, mostly
// in a host process that loads it once (test/world/cli-host.ts). `directories` runs it against directory servers (slapd,
// 389 Directory Server, Samba), which takes the longest; scripts/test runs it together with `e2e`.
const probeTests = ['built-in-profiles', 'detected-settings', 'probe'].map(
  (name) => `<rootDir>/test/probe/${name}.test.ts`,
);

/** In a file with JSX, `<T>` begins an element. */
const compiled = (tsx) => [
  '@swc/jest',
  {
    jsc: {
      parser: { syntax: 'typescript', tsx, explicitResourceManagement: true },
      transform: { react: { runtime: 'automatic', importSource: 'hono/jsx' } },
      target: 'es2023',
    },
    module: { type: 'es6' },
  },
];

const shared = {
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/test/world/fixed-seed.ts'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '^.+\\.ts$': compiled(false), '^.+\\.tsx$': compiled(true) },
};

const directories = ['<rootDir>/test/e2e/ldap/', '<rootDir>/test/world/directory/'];

export default {
  globalSetup: '<rootDir>/test/world/temp-folder.mjs',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/', ...directories, ...probeTests],
    },
    { ...shared, displayName: 'probe', testMatch: probeTests },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', ...directories],
    },
    { ...shared, displayName: 'directories', testMatch: directories.map((folder) => `${folder}**/*.test.ts`) },
  ],
};
