import { describe } from '@jest/globals';
import { isInstalled, type ServerName } from './installed.ts';

/** Tests that need a real server. Without it they are skipped, and scripts/test reports that at its end. */
export function describeOn(server: ServerName, title: string, tests: () => void): void {
  const name = `${title} [${server}]`;
  if (isInstalled(server)) describe(name, tests);
  else describe.skip(name, tests);
}
