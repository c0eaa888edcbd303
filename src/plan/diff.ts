import type { Instant, SourceKey } from '../model/ids.ts';
import { namePath, type Kind } from '../model/kind.ts';
import type { LeaverRules } from '../model/leavers.ts';
import type { Edit, ResourceOperation } from '../model/operation.ts';
import type { Holds } from '../model/profile.ts';
import { assertNever } from '../model/errors.ts';
import type { Body, Json, Departure, Known, Wish } from '../model/resource.ts';
import { departure, departureReason, leaverAction } from './departure.ts';
import { edits, isAmong, type Folds } from './edits.ts';

export interface DiffRules {
  /** As the application can follow them. */
  readonly leavers: LeaverRules;
  /** The same as the operator wrote them. */
  readonly asked: LeaverRules;
  readonly deletionIsFinal: boolean;
  readonly paths: (kind: Kind) => readonly string[];
  /** What the application can hold, as far as it decides what is a change. */
  readonly holds: Folds & Pick<Holds, 'givenGroups' | 'groupNames' | 'fixed'>;
}

export interface Comparison {
  readonly kind: Kind;
  readonly key: SourceKey;
  readonly wish: Wish;
  readonly known: Known | undefined;
}

/**
 * What must change for one record at one target.
 *
 *     wish       nothing known   known, active        known, inactive
 *     present    create          update or nothing    reactivate
 *     absent     nothing         see departure        see departure
 *     rejected   nothing         nothing              nothing
 */
export function diff(
  { kind, key, wish, known }: Comparison,
  rules: DiffRules,
  now: Instant,
): ResourceOperation | undefined {
  switch (wish.kind) {
    case 'rejected':
      return undefined;
    case 'absent':
      return known === undefined ? undefined : depart(known, wish.because, rules, now);
    case 'present':
      if (known === undefined)
        return { action: 'create', kind, key, name: displayName(kind, wish.body), reason: 'is new', body: wish.body };
      return change(known, wish.body, rules);
    default:
      return assertNever(wish);
  }
}

/** What a person calls a resource. */
export function displayName(kind: Kind, body: Body): string {
  const name = body[namePath(kind)];
  return typeof name === 'string' ? name : '';
}

function change(known: Known, body: Body, rules: DiffRules): ResourceOperation | undefined {
  const { kind, key } = known;
  if (kind === 'Group' && rules.holds.givenGroups) return undefined;
  const all = edits(known.body, body, rules.paths(kind), rules.holds, known.doubtful);
  const differences = all.filter(({ path }) => !isFixed(kind, path, rules));
  const returns = kind === 'User' && !known.active;
  // A target may have been told `active: false` by an edit of its own; the account's state decides, not the body alone.
  const unsure = kind === 'User' && known.doubtful?.includes('active') === true;
  const changes =
    (returns || unsure) && !differences.some(({ path }) => path === 'active')
      ? [activity(true), ...differences]
      : differences;
  if (changes.length === 0) return undefined;
  const reason = returns ? 'is back' : `${differences.map(({ path }) => path).join(', ')} changed`;
  const kept = unmanaged(known.body, rules.paths(kind));
  return {
    action: returns ? 'reactivate' : 'update',
    kind,
    key,
    name: displayName(kind, body),
    reason,
    edits: changes,
    body: asThere(
      { ...kept, ...body },
      all.filter((edit) => !differences.includes(edit)),
    ),
  };
}

/** What is wished and cannot be had: the application keeps what it has at these paths. */
export function unchangeable(known: Known, body: Body, rules: DiffRules): readonly Edit[] {
  return edits(
    known.body,
    body,
    rules.paths(known.kind).filter((path) => isFixed(known.kind, path, rules)),
    rules.holds,
  );
}

/** Whether the application keeps what it has there, whatever the source says: a group's name at some, a person's at others. */
function isFixed(kind: Kind, path: string, { holds }: DiffRules): boolean {
  return kind === 'User'
    ? isAmong(holds.fixed, path)
    : path === 'displayName' && (holds.givenGroups || holds.groupNames === 'stay');
}

function asThere(body: Body, fixed: readonly Edit[]): Body {
  const there: Record<string, Json> = { ...body };
  for (const { path, from } of fixed) {
    if (from === null) delete there[path];
    else there[path] = from;
  }
  return there;
}

function depart(known: Known, because: Departure, rules: DiffRules, now: Instant): ResourceOperation | undefined {
  const { kind, key } = known;
  const resource = { kind, key, name: displayName(kind, known.body), reason: departureReason(because) };
  if (kind === 'Group')
    return rules.leavers.groups === 'delete' && !rules.holds.givenGroups
      ? { ...resource, action: 'delete' }
      : undefined;
  switch (departure(because, known, rules.leavers, now)) {
    case 'deactivate': {
      const reason =
        leaverAction(because, rules.asked) === 'delete'
          ? `${resource.reason}, and nobody can be deleted at this application`
          : resource.reason;
      return {
        ...resource,
        action: 'deactivate',
        reason,
        edits: [activity(false)],
        body: { ...known.body, active: false },
      };
    }
    case 'delete': {
      const waited = leaverAction(because, rules.leavers) === 'deactivate' ? ', deactivated long enough' : '';
      const final = rules.deletionIsFinal ? '; nothing brings the account back at this application' : '';
      return { ...resource, action: 'delete', reason: `${resource.reason}${waited}${final}` };
    }
    case 'nothing':
      return undefined;
  }
}

const activity = (active: boolean): Edit => ({ path: 'active', from: !active, to: active });

/** What the target acknowledged at paths that a mapping no longer names: not compared any more, and not forgotten either. */
function unmanaged(body: Body, paths: readonly string[]): Body {
  return Object.fromEntries(Object.entries(body).filter(([path]) => !paths.includes(path)));
}
