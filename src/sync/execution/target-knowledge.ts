import { createHash } from 'node:crypto';
import type { Instant } from '../../model/ids.ts';
import type { Learned, LearnedFact } from '../../model/target/learned-fact.ts';
import type { Profile } from '../../model/profile.ts';
import { resourceTypes, type ResourceType } from '../../model/resource-type.ts';
import { dayMs } from '../../model/time.ts';
import type { Discovery, Target } from '../../scim/target.ts';
import type { KeptLearned, TargetState, ServingTarget } from '../../store/store.ts';
import type { ExecutionRound, SyncDeps } from '../context.ts';

/** What is known about a target besides its accounts: its ServiceProviderConfig, and what answers and reads showed. */
export interface TargetKnowledge {
  /**
   * Puts the updates of this pass in doubt that were sent in a form of which a read has shown since the last call that
   * it has no effect, or only a part of it. @returns whether any form was found
   */
  doubtIgnored(): Promise<boolean>;
  /** Keeps what this pass learned. @param hasSucceeded whether the target accepted an operation of this pass */
  save(hasSucceeded: boolean): Promise<void>;
}

/** The ServiceProviderConfig is requested again after this time. */
const discoveryLifetimeMs = dayMs;

/** Whether a pass requests the ServiceProviderConfig. */
export const isDiscoveryDue = (
  { discovery, discoveryReadAt }: Pick<TargetState, 'discovery' | 'discoveryReadAt'>,
  now: Instant,
  isFull: boolean,
): boolean =>
  isFull || discovery === undefined || discoveryReadAt === undefined || now - discoveryReadAt >= discoveryLifetimeMs;

/** The profile and the ServiceProviderConfig as a digest: what was learned under others is forgotten. */
export function circumstancesOf(profile: Profile, discovery: Discovery | undefined): string {
  // Some servers write the time of the request into the document.
  const { raw: _, ...features } = discovery ?? {};
  return createHash('sha256')
    .update(JSON.stringify([profile, features]))
    .digest('hex');
}

/** The facts that are still true: those that were learned under the same profile and ServiceProviderConfig. */
export const factsUnder = ({ facts, under }: KeptLearned, now: string): readonly LearnedFact[] =>
  under === undefined || under === now ? facts : [];

/**
 * Applies the stored ServiceProviderConfig and facts to a target. Requests the document where it is due; one that is
 * not readable leaves the stored one in effect.
 */
export async function applyKnowledge(
  { clock }: Pick<SyncDeps, 'clock'>,
  store: ServingTarget,
  target: Target,
  { spec, pass, isFull }: Pick<ExecutionRound, 'spec' | 'pass'> & { readonly isFull: boolean },
  stop: AbortSignal,
): Promise<TargetKnowledge> {
  const state = await store.state();
  const isUsed = spec.profile.protocol.discovery !== 'off';
  const isDue = isUsed && isDiscoveryDue(state, clock.now(), isFull);
  const known = isUsed ? (state.discovery as Discovery | undefined) : undefined;
  const read = isDue ? await target.discover(stop, known !== undefined) : undefined;
  const discovery = read ?? known;
  if (read !== undefined) await store.saveDiscovery(read, clock.now());
  const before = await store.learned();
  const under = circumstancesOf(spec.profile, discovery);
  target.restore({ facts: factsUnder(before, under), samples: before.samples }, pass);
  // The facts limit the features of the document.
  target.applyDiscovery(discovery);
  let seen = before.facts;
  async function doubtIgnored(): Promise<boolean> {
    const { learned } = target;
    const found = resourceTypes.filter((resourceType) => hasNewIgnoredUpdate(seen, learned, resourceType));
    seen = learned.facts;
    for (const resourceType of found) await store.doubtAnswered(pass, resourceType, clock.now());
    return found.length > 0;
  }
  return {
    doubtIgnored,
    async save(hasSucceeded) {
      // A target that works without a readable document is asked again after a day; an unreachable one at once.
      if (isDue && read === undefined && hasSucceeded) await store.saveDiscovery(discovery ?? {}, clock.now());
      const after = { ...target.learned, under };
      if (JSON.stringify(before) === JSON.stringify(after)) return;
      await store.saveLearned(after);
      await doubtIgnored();
    },
  };
}

/** Whether a read of this pass showed that updates had no effect: what was sent in the same way is in doubt. */
function hasNewIgnoredUpdate(
  before: readonly LearnedFact[],
  { facts, samples }: Learned,
  resourceType: ResourceType,
): boolean {
  return facts.some(({ kind, subject, confirmedAt }) => {
    const write = kind === 'writeIgnored' ? samples[subject] : undefined;
    const isIgnored = write?.action === 'update' && write.resourceType === resourceType;
    return (
      (isIgnored || (kind === 'operationsIgnored' && subject === resourceType)) &&
      !before.some((one) => one.kind === kind && one.subject === subject && one.confirmedAt === confirmedAt)
    );
  });
}
