import { realClock } from '../../src/cli/clock.ts';
import { probe, toProfileFile, type ProbeResult, type ProfileFile } from '../../src/probe/probe.ts';
import type { Protocol } from '../../src/model/profile.ts';
import type { Clock } from '../../src/model/clock.ts';
import { seededRandom } from '../world/random.ts';
import { builtInProfile } from '../world/profile.ts';

export const generic = builtInProfile('generic');
const unthrottled = { ...generic, limits: { ...generic.limits, requestsPerSecond: 1000 } };

export interface RunProbeOptions {
  readonly token?: string;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly members?: number;
  readonly progress?: (sentence: string) => void;
  /** What is known before: where things are. */
  readonly protocol?: Partial<Protocol>;
}

/** One probe of what listens there, at a pace that keeps no test waiting. */
export async function runProbe(
  url: string,
  {
    token = 'tok-odd-4711-secret',
    signal = new AbortController().signal,
    clock = fastClock,
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
    { clock, random: seededRandom(4711), signal, redact: (text) => text.replaceAll(token, '•••'), progress },
  );
  return { ...probed, written: toProfileFile(probed, generic, { name: 'app', url }) };
}

/** The real time, in which short waits are shorter: what a server shows late is not what these tests are about. */
export const fastClock: Clock = {
  now: () => realClock.now(),
  sleep: (milliseconds, signal) =>
    realClock.sleep(milliseconds > 10_000 ? milliseconds : Math.min(milliseconds, 5), signal),
};
