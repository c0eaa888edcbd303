import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';
import { startThirdPartyServer, type ThirdPartyServer } from './third-party/server-process.ts';

/** Applications of which nothing is ours; test/servers is a package of its own, which scripts/test installs. */
export type InstalledServer = 'better-auth' | 'polis';

const folder = fileURLToPath(new URL('../servers/', import.meta.url));

export const startServer = (name: InstalledServer): Promise<ThirdPartyServer> =>
  startThirdPartyServer(`${folder}${name}.mjs`);

/** Tests that need one of them. Without its package they are skipped, and the run says so on its last lines. */
export function describeWithServer(server: InstalledServer, title: string, tests: () => void): void {
  const name = `${title} [${server}]`;
  // npm writes this list last of all, so it is missing after an installation that broke off.
  if (existsSync(`${folder}node_modules/.package-lock.json`)) describe(name, tests);
  else describe.skip(name, tests);
}
