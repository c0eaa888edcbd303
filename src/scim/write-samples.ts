import type { Random } from '../model/clock.ts';
import type { RemoteId } from '../model/ids.ts';
import type { FactName } from '../model/target/learned-fact.ts';
import { getIgnoringCase } from '../model/scim-json.ts';
import { uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import type { SampledAction, SampledKind, SampleState } from '../model/evidence.ts';
import type { LearnedFacts } from './learned/learned-facts.ts';
import type { Response, ScimRequest } from './transport/message.ts';

/** A kind of write: what is changed, and by which request. */
export interface WriteKind {
  readonly resourceType: ResourceType;
  readonly action: SampledAction;
  readonly method: ScimRequest['method'];
  readonly isBulk: boolean;
  /** The response does not show the resource. */
  readonly isBare: boolean;
  /** A PATCH with several operations: some targets apply only the first one. */
  readonly hasSeveral?: boolean;
}

/** A kind of request, whatever the response shows. */
export type WriteForm = Omit<WriteKind, 'isBare' | 'hasSeveral'>;

/** How many writes are read back: the first of each kind, then a random share. */
export interface SampleLimits {
  readonly firstWrites: number;
  readonly writesShare: number;
}

/** Chooses writes to read back at one target, and reports which kinds of write the target does not apply. */
export interface WriteSamples {
  /** Whether this accepted write is read back. */
  isChosen(kind: WriteKind): boolean;
  /** What the read of a chosen write showed; `unknown`: no read answered. */
  record(kind: WriteKind, result: 'confirmed' | 'contradicted' | 'unknown'): void;
  /** Whether a read contradicted requests of this form, so that another form is used where there is one. */
  isContradicted(form: WriteForm): boolean;
  /** The same for one operation: once a day, the first one that asks tries this form again. */
  avoids(form: WriteForm): boolean;
  /**
   * Whether a success response of this kind counts without a read: it shows the resource, or a read confirmed such a
   * response before.
   */
  isTrusted(kind: WriteKind): boolean;
  /** A read showed the members of a group. */
  markMembersShown(): void;
  /** Whether the target shows the members of groups: a read showed some, in this pass or an earlier one. */
  readonly showsMembers: boolean;
  /** A read of a group's member showed whether this target fills in the `groups` of accounts (RFC 7643, 4.1.2). */
  markGroupsShown(areShown: boolean): void;
  /** Whether reads of this pass showed `groups` of accounts; undefined: not known. */
  readonly showsGroups: boolean | undefined;
  /** Continues from the state of earlier passes. */
  restore(state: SampleState): void;
  /** What is kept until the next pass. */
  readonly state: SampleState;
}

/**
 * Starts without any observation; `restore` adds those of earlier passes.
 *
 * @param facts receives the kinds of write that have no effect
 */
export function createWriteSamples(
  { firstWrites, writesShare }: SampleLimits,
  facts: LearnedFacts,
  random: Random,
): WriteSamples {
  const kinds = new Map<string, SampledKind>();
  // Writes whose read is still running count as well.
  const running = new Map<string, number>();
  let areMembersShown = false;
  let areGroupsShown: boolean | undefined;

  return {
    isChosen(kind) {
      if (firstWrites === 0 && writesShare === 0) return false;
      const name = nameOf(kind);
      // An application that once answered without effect is trusted only where it shows the resource. A read decides
      // the daily try.
      const ignored: FactName = { kind: 'writeIgnored', subject: name };
      if (facts.isTryDue(ignored) || (kind.isBare && facts.holds(ignored))) return true;
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
      kinds.set(name, { resourceType, action, confirmed: result === 'confirmed' ? confirmed + 1 : 0 });
      if (result === 'confirmed') facts.accepted(ignoredWrite(kind));
      else facts.refused(ignoredWrite(kind), { resource: '' });
    },
    isContradicted: (form) => kindsOf(form).some((kind) => facts.holds(ignoredWrite(kind))),
    // One request alone is not sent inside Bulk.
    avoids: (form) => kindsOf(form).some((kind) => facts.appliesTo(ignoredWrite(kind), form.isBulk ? 2 : 1)),
    isTrusted: (kind) => !kind.isBare || (kinds.get(nameOf(kind))?.confirmed ?? 0) > 0,
    markMembersShown() {
      areMembersShown = true;
    },
    get showsMembers() {
      const isShown = ({ action, confirmed }: SampledKind): boolean =>
        (action === 'firstMembers' || action === 'addMembers') && confirmed > 0;
      return areMembersShown || [...kinds.values()].some(isShown);
    },
    markGroupsShown(areShown) {
      areGroupsShown = areGroupsShown === true || areShown;
    },
    get showsGroups() {
      return areGroupsShown;
    },
    restore(state) {
      for (const [name, kind] of Object.entries(state)) kinds.set(name, kind);
    },
    get state() {
      return Object.fromEntries(kinds);
    },
  };
}

const ignoredWrite = (kind: WriteKind): FactName => ({ kind: 'writeIgnored', subject: nameOf(kind) });

const kindsOf = (form: WriteForm): readonly WriteKind[] =>
  [true, false].flatMap((isBare) => [true, false].map((hasSeveral) => ({ ...form, isBare, hasSeveral })));

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
  hasSeveral: operationsOf(request) > 1,
});

/** Number of operations in a PATCH; 0 for another request. */
export function operationsOf({ method, body }: ScimRequest): number {
  const operations = method === 'PATCH' ? getIgnoringCase(body, 'Operations') : undefined;
  return Array.isArray(operations) ? operations.length : 0;
}

/** Example: `update of users by PATCH inside Bulk`. */
export const nameOf = ({ resourceType, action, method, isBulk, isBare, hasSeveral }: WriteKind): string =>
  `${actionNames[action]} ${resourceType === 'User' ? 'users' : 'groups'} by ${method}` +
  `${hasSeveral === true ? ' with several operations' : ''}` +
  `${isBulk ? ' inside Bulk' : ''}${isBare ? ', answered without the resource' : ''}`;

const actionNames: Readonly<Record<SampledAction, string>> = {
  create: 'create of',
  update: 'update of',
  delete: 'deletion of',
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
