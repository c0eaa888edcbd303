import { fileURLToPath } from 'node:url';
import { startRealApplication, type RealApplication } from './real-application.ts';

/** SCIMMY's protocol layer over storage of ours. */
export function startScimmy(): Promise<RealApplication> {
  return startRealApplication(fileURLToPath(new URL('./scimmy-server.ts', import.meta.url)));
}
