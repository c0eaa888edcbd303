import { probe, toProfileFile, type ProbeResult, type ProfileFile } from '../../src/probe/probe.ts';
import type { Protocol } from '../../src/model/profile.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { Send } from '../../src/scim/transport/message.ts';
import { createSkippingClock } from '../world/skipping-clock.ts';
import { seededRandom } from '../world/random.ts';
import { builtInProfile } from '../world/profile.ts';
import { configurableToken } from './configurable-application.ts';

export const generic = builtInProfile('generic');
const unthrottled = { ...generic, limits: { ...generic.limits, requestsPerSecond: 1000 } };

export interface RunProbeOptions {
  readonly url?: string;
  readonly token?: string;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly members?: number;
  readonly progress?: (sentence: string) => void;
  /** Settings that the probe knows in advance, such as endpoints. */
  readonly protocol?: Partial<Protocol>;
}

/** Probes an application in process. Waits end at once, because the clock skips them. */
export async function runProbe(
  { send }: { readonly send: Send },
  {
    url = 'http://app.example',
    token = configurableToken,
    signal = new AbortController().signal,
    clock = createSkippingClock(),
    members = 3,
    progress = () => undefined,
    protocol = {},
  }: RunProbeOptions = {},
): Promise<ProbeResult & { readonly written: ProfileFile }> {
  const probed = await probe(
    {
      name: 'app',
      url,
      profile: unthrottled,
      start: { ...generic, protocol: { ...generic.protocol, ...protocol } },
      auth: { type: 'bearer', token: { reveal: () => token } },
      timeoutMs: 2000,
      version: '1.2.3',
      members,
    },
    { clock, random: seededRandom(4711), send, signal, redact: (text) => text.replaceAll(token, '•••'), progress },
  );
  return { ...probed, written: toProfileFile(probed, generic, { name: 'app', url }) };
}
