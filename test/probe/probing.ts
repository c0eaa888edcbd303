import { realClock } from '../../src/cli/world.ts';
import { probe, writtenProfile, type Probed, type Written } from '../../src/probe/probe.ts';
import type { Speaks } from '../../src/model/profile.ts';
import type { Clock } from '../../src/model/world.ts';
import { seeded } from '../world/random.ts';
import { builtIn } from '../world/profile.ts';

export const generic = builtIn('generic');
const quick = { ...generic, allows: { ...generic.allows, requestsPerSecond: 1000 } };

export interface Probing {
  readonly token?: string;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly members?: number;
  readonly progress?: (sentence: string) => void;
  /** What is known before: where things are. */
  readonly speaks?: Partial<Speaks>;
}

/** One probe of what listens there, at a pace that keeps no test waiting. */
export async function probing(
  url: string,
  {
    token = 'tok-odd-4711-secret',
    signal = new AbortController().signal,
    clock = briskClock,
    members = 3,
    progress = () => undefined,
    speaks = {},
  }: Probing = {},
): Promise<Probed & { readonly written: Written }> {
  const probed = await probe(
    {
      name: 'app',
      url,
      profile: quick,
      start: { ...generic, speaks: { ...generic.speaks, ...speaks } },
      auth: { type: 'bearer', token: { reveal: () => token } },
      timeoutMs: 2000,
      version: '1.2.3',
      members,
    },
    { clock, random: seeded(4711), signal, redact: (text) => text.replaceAll(token, '•••'), progress },
  );
  return { ...probed, written: writtenProfile(probed, generic, { name: 'app', url }) };
}

/** The real time, in which short waits are shorter: what a server shows late is not what these tests are about. */
export const briskClock: Clock = {
  now: () => realClock.now(),
  sleep: (milliseconds, signal) =>
    realClock.sleep(milliseconds > 10_000 ? milliseconds : Math.min(milliseconds, 5), signal),
};
