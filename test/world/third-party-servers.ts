import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';
import { startThirdPartyServer, type ThirdPartyServer } from './third-party/server-process.ts';

/** Third-party applications. test/servers is a separate npm package, which scripts/test installs. */
export type InstalledServer = 'better-auth' | 'polis';

const folder = fileURLToPath(new URL('../servers/', import.meta.url));

export const startServer = (name: InstalledServer): Promise<ThirdPartyServer> =>
  startThirdPartyServer(`${folder}${name}.mjs`);

/** Tests that need a third-party application. Without the package they are skipped; the run reports this at its end. */
export function describeWithServer(server: InstalledServer, title: string, tests: () => void): void {
  const name = `${title} [${server}]`;
  // npm writes this file last, so it is missing after an interrupted installation.
  if (existsSync(`${folder}node_modules/.package-lock.json`)) describe(name, tests);
  else describe.skip(name, tests);
}
