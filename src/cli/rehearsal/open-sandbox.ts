import { OperatorError } from '../../model/errors.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.ts';
import { realClock, realRandom } from '../clock.ts';

/** Starts a sandbox with the real clock. It must be closed. @throws OperatorError if its port is in use */
export async function openSandbox(options: Omit<SandboxOptions, 'clock' | 'random'>): Promise<Sandbox> {
  try {
    return await startSandbox({ clock: realClock, random: realRandom, ...options });
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'EADDRINUSE') throw error;
    throw new OperatorError(
      'commandLine.portInUse',
      `port ${options.port} of this machine is in use. Name another one, or take a free one with --port 0`,
      1,
    );
  }
}
