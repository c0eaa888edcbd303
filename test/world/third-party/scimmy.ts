import { fileURLToPath } from 'node:url';
import { startThirdPartyServer, type ThirdPartyServer } from './server-process.ts';

/** Starts SCIMMY's protocol layer over storage in memory. */
export function startScimmy(): Promise<ThirdPartyServer> {
  return startThirdPartyServer(fileURLToPath(new URL('./scimmy-server.ts', import.meta.url)));
}
