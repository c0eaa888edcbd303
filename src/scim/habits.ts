import type { RemoteId } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import { updateForm, type Speaks } from '../model/profile.ts';
import type { Discovery } from './discovery.ts';
import { neverRefused, type Vain } from './members-result.ts';
import type { MemberWords } from './say-members.ts';

/** How an operation is to be said, this time. */
export interface Speech {
  readonly update: 'patch' | 'put' | 'getThenPut';
  /** Whether `emails[type eq "work"].value` may stand as a path. */
  readonly valuePaths: boolean;
  readonly ifMatch: boolean;
  readonly members: MemberWords;
  readonly patchOps: Speaks['patchOps'];
  readonly patchPaths: Speaks['patchPaths'];
  readonly manager: Speaks['manager'];
  readonly deactivation: Speaks['deactivation'];
}

/** How a target is spoken to: as its profile says, and where that leaves it open, as discovery and its answers have taught. */
export interface Habits {
  speech(kind: Kind): Speech;
  use(discovery: Discovery | undefined): void;
  /** PATCH was answered 405 or 501. @returns whether PUT may be tried instead */
  patchIsUnknown(kind: Kind): boolean;
  /** Most memberships in one request, as 413 has taught. */
  readonly mostMembers: number;
  /** So many memberships were too large. */
  tooManyMembers(said: number): void;
  /** What is known of a group that takes no members. */
  vain(group: RemoteId): Vain;
  /** Whether a refused create may be tried with less: not where that was no help several times. */
  mayTryLess(): boolean;
  lessWasNoHelp(): void;
  /** It asked for If-Match. @returns whether it may be given */
  wantsVersions(): boolean;
}

/** A target that refuses so many people whatever is left out refuses them for something else. */
const mostVainAttempts = 3;

export function openHabits(speaks: Speaks): Habits {
  const putOnly = new Set<Kind>();
  let servesVersions = false;
  let noPatch = false;
  let mostMembers = Number.POSITIVE_INFINITY;
  let vainAttempts = 0;
  const vain = new Map<RemoteId, Vain>();
  return {
    speech(kind) {
      const form = updateForm(speaks, kind);
      const auto = noPatch || putOnly.has(kind) ? 'put' : 'patch';
      const { valuePaths, patchOps, patchPaths, manager, deactivation } = speaks;
      return {
        update: form === 'auto' ? auto : form,
        members: speaks,
        // A value without a path replaces whole attributes.
        valuePaths: valuePaths && patchPaths !== 'nested',
        patchOps,
        patchPaths,
        manager,
        deactivation,
        ifMatch: speaks.ifMatch === 'always' || (speaks.ifMatch === 'auto' && servesVersions),
      };
    },
    use(discovery) {
      noPatch = discovery?.patch === false;
      servesVersions = discovery?.etag === true;
    },
    patchIsUnknown(kind) {
      if (speaks.update !== 'auto') return false;
      putOnly.add(kind);
      return true;
    },
    get mostMembers() {
      return mostMembers;
    },
    tooManyMembers(said) {
      mostMembers = Math.max(1, Math.min(mostMembers, Math.ceil(said / 2)));
    },
    vain(group) {
      const known = vain.get(group) ?? neverRefused();
      vain.set(group, known);
      return known;
    },
    mayTryLess: () => vainAttempts < mostVainAttempts,
    lessWasNoHelp() {
      vainAttempts += 1;
    },
    wantsVersions() {
      servesVersions = true;
      return speaks.ifMatch !== 'never';
    },
  };
}
