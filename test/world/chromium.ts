import { chromium, type Browser } from 'playwright-core';
import { programPath } from './directory/servers/installed.ts';

/** The browser of Debian; undefined where it is not installed. scripts/test installs it as root, or reports it. */
export const chromiumPath = programPath('chromium');

/** Without these, the browser looks up hosts of its vendor at each start. */
const args = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

/** Starts the browser without a window. @throws Error where it is not installed */
export async function startChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('chromium is not installed');
  return chromium.launch({ executablePath: chromiumPath, args });
}
