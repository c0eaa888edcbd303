import type { Random } from '../model/clock.ts';
import type { Instant, RemoteId } from '../model/ids.ts';
import { getIgnoringCase } from '../model/scim-json.ts';
import { uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import { dayMs } from '../model/time.ts';
import type { SampledAction, SampledKind, SampleState } from '../model/evidence.ts';
import type { Response, ScimRequest } from './transport/message.ts';

/** A kind of write: what is changed, and by which request. */
export interface WriteKind {
  readonly resourceType: ResourceType;
  readonly action: SampledAction;
  readonly method: ScimRequest['method'];
  readonly isBulk: boolean;
  /** The response does not show the resource. */
  readonly isBare: boolean;
}

/** A kind of request, whatever the response shows. */
export type WriteForm = Omit<WriteKind, 'isBare'>;

/** How many writes are read back: the first of each kind, then a random share. */
export interface SampleLimits {
  readonly firstWrites: number;
  readonly writesShare: number;
}

/** Chooses writes to read back at one target, and remembers which kinds of write the target does not apply. */
export interface WriteSamples {
  /** Whether this accepted write is read back. */
  isChosen(kind: WriteKind): boolean;
  /** What the read of a chosen write showed; `unknown`: no read answered. */
  record(kind: WriteKind, result: 'confirmed' | 'contradicted' | 'unknown'): void;
  /** Whether a read contradicted requests of this form within the last day. */
  isContradicted(form: WriteForm): boolean;
  /**
   * Whether a success response of this kind counts without a read: it shows the resource, or a read confirmed such a
   * response before.
   */
  isTrusted(kind: WriteKind): boolean;
  /** Continues from the state of earlier passes. */
  restore(state: SampleState): void;
  /** What is kept until the next pass. */
  readonly state: SampleState;
}

/** A kind that a read contradicted is tried again after this time: applications get fixed. */
const retryAfterMs = dayMs;

/** Starts without any observation; `restore` adds those of earlier passes. */
export function createWriteSamples(
  { firstWrites, writesShare }: SampleLimits,
  now: () => Instant,
  random: Random,
): WriteSamples {
  const kinds = new Map<string, SampledKind>();
  // Writes whose read is still running count as well.
  const running = new Map<string, number>();

  const isKindContradicted = (kind: WriteKind): boolean => {
    const at = kinds.get(nameOf(kind))?.contradictedAt;
    return at !== undefined && now() - at < retryAfterMs;
  };

  return {
    isChosen(kind) {
      if (firstWrites === 0 && writesShare === 0) return false;
      const name = nameOf(kind);
      // An application that once answered without effect is trusted only where it shows the resource.
      if (kind.isBare && isKindContradicted(kind)) return true;
      const count = (kinds.get(name)?.confirmed ?? 0) + (running.get(name) ?? 0);
      if (count >= firstWrites && random() >= writesShare) return false;
      running.set(name, (running.get(name) ?? 0) + 1);
      return true;
    },
    record(kind, result) {
      const name = nameOf(kind);
      running.set(name, Math.max(0, (running.get(name) ?? 0) - 1));
      if (result === 'unknown') return;
      const confirmed = kinds.get(name)?.confirmed ?? 0;
      // After a contradiction the first writes are read back again.
      const { resourceType, action } = kind;
      kinds.set(name, {
        ...{ resourceType, action },
        ...(result === 'confirmed' ? { confirmed: confirmed + 1 } : { confirmed: 0, contradictedAt: now() }),
      });
    },
    isContradicted: (form) => [true, false].some((isBare) => isKindContradicted({ ...form, isBare })),
    isTrusted: (kind) => !kind.isBare || (kinds.get(nameOf(kind))?.confirmed ?? 0) > 0,
    restore(state) {
      for (const [name, kind] of Object.entries(state)) kinds.set(name, kind);
    },
    get state() {
      return Object.fromEntries(kinds);
    },
  };
}

/** The kind of an accepted write. */
export const kindOf = (
  resourceType: ResourceType,
  action: WriteKind['action'],
  request: ScimRequest,
  response: Response,
): WriteKind => ({
  resourceType,
  action,
  method: request.method,
  isBulk: response.isBulk === true,
  isBare: getIgnoringCase(response.body, uniqueNameAttribute(resourceType)) === undefined,
});

/** Example: `update of users by PATCH inside Bulk`. */
export const nameOf = ({ resourceType, action, method, isBulk, isBare }: WriteKind): string =>
  `${actionNames[action]} ${resourceType === 'User' ? 'users' : 'groups'} by ${method}` +
  `${isBulk ? ' inside Bulk' : ''}${isBare ? ', answered without the resource' : ''}`;

const actionNames: Readonly<Record<SampledAction, string>> = {
  create: 'create of',
  update: 'update of',
  firstMembers: 'first members of',
  addMembers: 'new members of',
  removeMembers: 'removed members of',
};

/**
 * The action of a membership operation, as a kind of write; a request that does both counts as an addition. Additions
 * to an empty group are a kind of their own: they cannot show that the other members are kept.
 */
export function memberAction(
  { add }: { readonly add: readonly unknown[] },
  witnesses: readonly RemoteId[] = [],
): 'firstMembers' | 'addMembers' | 'removeMembers' {
  if (add.length === 0) return 'removeMembers';
  return witnesses.length === 0 ? 'firstMembers' : 'addMembers';
}

/** The kinds of membership changes. */
export const memberActions = ['firstMembers', 'addMembers', 'removeMembers'] as const;
