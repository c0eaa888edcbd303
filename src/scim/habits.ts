import type { Kind } from '../model/kind.ts';
import type { Speaks } from '../model/profile.ts';
import type { Discovery } from './discovery.ts';
import type { MemberWords } from './say-members.ts';

/** How an operation is to be said, this time. */
export interface Speech {
  readonly update: 'patch' | 'put' | 'getThenPut';
  /** Whether `emails[type eq "work"].value` may stand as a path. */
  readonly valuePaths: boolean;
  readonly ifMatch: boolean;
  readonly members: MemberWords;
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
  /** It asked for If-Match. @returns whether it may be given */
  wantsVersions(): boolean;
}

export function openHabits(speaks: Speaks): Habits {
  const putOnly = new Set<Kind>();
  let servesVersions = false;
  let noPatch = false;
  let mostMembers = Number.POSITIVE_INFINITY;
  return {
    speech(kind) {
      const form = kind === 'User' || speaks.updateGroups === 'same' ? speaks.update : speaks.updateGroups;
      const auto = noPatch || putOnly.has(kind) ? 'put' : 'patch';
      return {
        update: form === 'auto' ? auto : form,
        valuePaths: speaks.valuePaths,
        members: speaks,
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
    wantsVersions() {
      servesVersions = true;
      return speaks.ifMatch !== 'never';
    },
  };
}
