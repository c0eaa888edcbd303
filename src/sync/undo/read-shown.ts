import type { SourceKey } from '../../model/ids.ts';
import { recordKey, type RecordKey } from '../../model/record-key.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { Json, KnownState } from '../../model/resource.ts';
import type { Shown } from '../../plan/undo/undo-record.ts';
import { isEquivalent } from '../../scim/judge/judge-values.ts';
import type { Absence, Target } from '../../scim/target.ts';
import type { ComparedTarget, PassEffects, ResourceEffect } from '../../store/store.ts';
import { diffOptionsOf, isAtTarget } from '../evaluate-record.ts';
import { withManagerKey } from '../execution/ownership.ts';
import { compareAccount, type AccountRules } from '../drift/compare-account.ts';
import type { PreparedTarget } from '../reading/stage-sources.ts';
import { confirmByList } from './confirm-by-list.ts';
import { asAcknowledged, decide, isUndone, type KnownAccounts, type UndoneWork } from './undo-input.ts';

/** What a reading needs. Of the target it receives only the part that sends GET requests. */
export interface ReadingOfUndo {
  readonly journal: Pick<PassEffects, 'resourceEffects'>;
  readonly store: KnownAccounts & Pick<ComparedTarget, 'owner' | 'totals'>;
  readonly target: Pick<Target, 'list' | 'readKnown' | 'submit' | 'idle' | 'unavailableReason'>;
}

/** What a target showed of the accounts that an undo would change. */
export interface ShownAccounts {
  /** Those that do not hold what the target acknowledged, or could not be read. */
  readonly shown: ReadonlyMap<RecordKey, Shown>;
  /** Why the target could not be read; undefined: it could. */
  readonly unavailable: string | undefined;
}

/**
 * Reads the accounts that the undo would change: what was changed by hand since is not overwritten. What an unanswered
 * request may have changed is read in any case, by its id: a list may be late. A target that shows no account of a page
 * is unavailable.
 */
export async function readShown(
  { journal, store, target }: ReadingOfUndo,
  { spec, mapping }: PreparedTarget,
  work: UndoneWork,
  stop: AbortSignal,
): Promise<ShownAccounts> {
  const options = diffOptionsOf(spec, mapping);
  const rules: AccountRules = {
    paths: options.paths,
    supports: options.supports,
    showsInactive: spec.profile.protocol.inactiveUsers === 'readable',
  };
  const wouldChange = (effect: ResourceEffect): readonly KnownState[] => {
    const known = store.known(effect.resourceType, effect.key);
    if (!isAtTarget(known) || !isUndone(work, effect)) return [];
    const { operation } = decide(effect, { undone: work.undone, shown: asAcknowledged, known }, options);
    return operation === undefined && !isInDoubt(known) ? [] : [known];
  };
  const wanted = new Set<SourceKey>();
  for await (const effects of journal.resourceEffects(work.undone, spec.name))
    for (const { key } of effects.flatMap(wouldChange).filter(mayBeConfirmedByList)) wanted.add(key);
  const all = new Set(rules.paths('User'));
  const isAcknowledged = (known: KnownState, resource: RemoteResource): boolean =>
    compareAccount(known, ofOwner(resource), rules, all).differences.length === 0;
  const confirmed = await confirmByList({ store, target }, { spec, mapping }, wanted, isAcknowledged, stop);

  const shown = new Map<RecordKey, Shown>();
  const shownPaths = new Set<string>();
  for await (const effects of journal.resourceEffects(work.undone, spec.name)) {
    const unread = effects
      .flatMap(wouldChange)
      .filter(({ resourceType, key }) => resourceType === 'Group' || !confirmed.has(key));
    const read = await readAll(target, mapping, unread, stop);
    if (target.unavailableReason !== undefined) return { shown, unavailable: target.unavailableReason };
    for (const [, absence] of read)
      if (absence.kind === 'present') for (const path of Object.keys(absence.resource.body)) shownPaths.add(path);
    const unanswered = read.flatMap(([known, absence]) => (isUnanswered(known, absence) ? [absence.detail] : []));
    if (unanswered.length > 0 && unanswered.length === read.length) return { shown, unavailable: unanswered[0] };
    for (const [known, absence] of read) {
      const one = shownOf(absence, (resource) => othersOf(known, ofOwner(resource), rules, shownPaths));
      if (one !== undefined && (absence.kind !== 'unproven' || isUnanswered(known, absence)))
        shown.set(recordKey(known), one);
    }
  }
  return { shown, unavailable: undefined };

  /** A target that hides inactive users answers 404 for them, which proves nothing. */
  function isUnanswered(
    { resourceType, active }: KnownState,
    absence: Absence,
  ): absence is Extract<Absence, { kind: 'unproven' }> {
    return absence.kind === 'unproven' && (resourceType === 'Group' || active || rules.showsInactive);
  }

  function ofOwner(resource: RemoteResource): RemoteResource {
    return withManagerKey(resource, resource.manager === undefined ? undefined : store.owner('User', resource.manager));
  }
}

/** Reads accounts side by side, each by its id. */
async function readAll(
  target: ReadingOfUndo['target'],
  mapping: PreparedTarget['mapping'],
  accounts: readonly KnownState[],
  stop: AbortSignal,
): Promise<readonly (readonly [KnownState, Absence])[]> {
  const read: (readonly [KnownState, Absence])[] = [];
  for (const known of accounts) {
    stop.throwIfAborted();
    await target.submit(async () => {
      read.push([known, await target.readKnown(known, mapping.paths(known.resourceType), stop)]);
    });
  }
  await target.idle();
  stop.throwIfAborted();
  return read;
}

const isInDoubt = ({ inDoubt = [] }: KnownState): boolean => inDoubt.length > 0;

const mayBeConfirmedByList = (known: KnownState): boolean => known.resourceType === 'User' && !isInDoubt(known);

/** The values that are not those that the target acknowledged last, and those that only the read makes known. */
function othersOf(
  known: KnownState,
  resource: RemoteResource,
  rules: AccountRules,
  shownPaths: ReadonlySet<string>,
): ReadonlyMap<string, Json> {
  const { differences } = compareAccount(known, resource, rules, shownPaths);
  const settled = (known.inDoubt ?? []).filter((path) => path !== 'active' || resource.isActiveHidden !== true);
  return new Map([
    ...settled.map((path): [string, Json] => [path, settledValue(path, known, resource)]),
    ...differences.map(({ path, shown }): [string, Json] => [path, shown]),
  ]);
}

/** The acknowledged value, if the target shows it in a form of its own. */
function settledValue(path: string, known: KnownState, resource: RemoteResource): Json {
  if (path === 'active') return resource.active;
  const [shown, acknowledged] = [resource.body[path] ?? null, known.body[path] ?? null];
  return shown !== null && acknowledged !== null && isEquivalent(shown, acknowledged) ? acknowledged : shown;
}

/** @returns undefined if the account holds what the target acknowledged */
function shownOf(
  absence: Absence,
  othersIn: (resource: RemoteResource) => ReadonlyMap<string, Json>,
): Shown | undefined {
  switch (absence.kind) {
    case 'present': {
      const others = othersIn(absence.resource);
      return others.size === 0 ? undefined : { kind: 'read', others };
    }
    case 'missing':
      return { kind: 'unread', detail: 'the target does not have it any more' };
    case 'moved':
      return { kind: 'unread', detail: 'it has another id at the target now' };
    case 'unproven':
      return { kind: 'unread', detail: absence.detail };
  }
}
