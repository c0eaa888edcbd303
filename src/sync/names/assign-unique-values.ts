import type { Instant } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { foldUnique } from '../../model/target/unique-value.ts';
import { dayMs } from '../../model/time.ts';
import type { Candidate, PlanningScope, WaitingForValue } from '../../store/store.ts';
import { evaluate, isAtTarget } from '../evaluate-record.ts';
import type { PlanContext } from '../plan-context.ts';
import { withGroupsOfRecords } from '../user-groups/add-groups.ts';

const pageSize = 500;

/** After this time a refused value is tried again: the account that had it may be gone. */
const refusalMs = 7 * dayMs;

/**
 * Assigns unique values to the candidates of a planning, before they are compared with the target:
 *
 *     1  an account that has one of its record's values keeps it, also where the value is assigned to another record
 *     2  a record that has a value keeps it; a record that gets no account frees it
 *     3  the others, in the order of their keys, get the first value that neither a record nor a known account has
 *
 * A record for which all values are in use has none; it is rejected, and compared again in each planning.
 */
export async function assignUniqueValues(context: PlanContext, scope: PlanningScope): Promise<void> {
  const { store, mapping, now } = context;
  const paths = { User: mapping.uniquePaths('User'), Group: mapping.uniquePaths('Group') };
  const { uniqueValues } = store;
  if (scope.kind === 'full') uniqueValues.retain(paths, (now - refusalMs) as Instant);
  if (paths.User.length + paths.Group.length === 0) return;
  const assignment = { ...context, paths };
  await forEachCandidate(assignment, (candidate) => {
    claimValuesOfAccount(assignment, candidate);
  });
  uniqueValues.clearWaiting();
  await forEachCandidate(assignment, (candidate) => {
    freeOrWait(assignment, candidate);
  });
  for (let page = uniqueValues.waiting(undefined, pageSize); page.length > 0;) {
    for (const waiting of page) assignFirstFree(assignment, waiting);
    await context.nextSlice();
    page = uniqueValues.waiting(page.at(-1), pageSize);
  }
}

interface Assignment extends PlanContext {
  readonly paths: Readonly<Record<ResourceType, readonly string[]>>;
}

async function forEachCandidate(assignment: Assignment, visit: (candidate: Candidate) => void): Promise<void> {
  const { store, paths, addGroups } = assignment;
  for (let after = 0; ;) {
    const { page, next } = await store.candidates(after, pageSize);
    if (next === undefined) return;
    after = next;
    const concerned = page.filter(({ resourceType }) => paths[resourceType].length > 0);
    for (const candidate of await withGroupsOfRecords(concerned, addGroups)) visit(candidate);
    await assignment.nextSlice();
  }
}

/** The value that the account of a record has at a path; undefined: it has no account, or no text there. */
function valueOfAccount({ known }: Candidate, path: string): string | undefined {
  const value = isAtTarget(known) ? known.body[path] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const isSame = (one: unknown, other: string): boolean =>
  typeof one === 'string' && foldUnique(one) === foldUnique(other);

/** An adopted account may have another of the record's values than the one that is assigned. */
function claimValuesOfAccount(assignment: Assignment, candidate: Candidate): void {
  const { paths, mapping, store } = assignment;
  const { uniqueValues } = store;
  const { resourceType, record, known } = candidate;
  const assigned = uniqueValues.of(candidate);
  for (const path of paths[resourceType]) {
    const value = valueOfAccount(candidate, path);
    const isSettled = assigned[path] !== undefined && known?.origin !== 'adopted';
    if (value === undefined || isSettled || isSame(assigned[path], value)) continue;
    // The account of a leaver has its value, too, and a value that only a create sets stays.
    const mayKeep =
      record === undefined ||
      mapping.createOnlyPaths(resourceType).includes(path) ||
      isLeaver(assignment, candidate) ||
      (mapping.uniqueCandidates(record).get(path) ?? []).some((one) => isSame(one, value));
    if (mayKeep) claim(assignment, candidate, { path, value });
  }
}

function claim(
  { store, paths }: Assignment,
  candidate: Candidate,
  value: { readonly path: string; readonly value: string },
): void {
  const { uniqueValues } = store;
  const { resourceType } = candidate;
  const owner = uniqueValues.ownerOf(resourceType, value);
  if (owner !== undefined && owner !== candidate.key) {
    const known = store.known(resourceType, owner);
    if (isAtTarget(known) && isSame(known.body[value.path], value.value)) return;
    uniqueValues.release({ resourceType, key: owner }, value.path);
  }
  if (paths[resourceType].includes(value.path)) uniqueValues.assign(candidate, value);
}

/** Whether the record should have no account, by what is known without its unique values. */
const isLeaver = ({ mapping, diffOptions, now }: Assignment, candidate: Candidate): boolean =>
  evaluate(candidate, mapping, diffOptions, now).desired.kind === 'absent';

function freeOrWait(assignment: Assignment, candidate: Candidate): void {
  const { paths, mapping, diffOptions, store, now } = assignment;
  const { uniqueValues } = store;
  const { resourceType, key, record, known, isCreateInDoubt } = candidate;
  const assigned = uniqueValues.of(candidate);
  const hasAll = paths[resourceType].every((path) => assigned[path] !== undefined);
  const mayHaveAccount = known !== undefined || isCreateInDoubt;
  if (hasAll && mayHaveAccount) return;
  const { desired } = evaluate(candidate, mapping, diffOptions, now);
  if (desired.kind === 'absent' && !mayHaveAccount) uniqueValues.release(candidate);
  if (desired.kind !== 'present' || record === undefined) return;
  const { externalId } = desired.body;
  for (const [path, values] of mapping.uniqueCandidates(record))
    if (assigned[path] === undefined)
      uniqueValues.addWaiting({
        ...{ resourceType, key, path, values },
        externalId: typeof externalId === 'string' ? externalId : undefined,
      });
}

function assignFirstFree({ store: { uniqueValues }, note }: Assignment, waiting: WaitingForValue): void {
  const { path, values, externalId } = waiting;
  const free = values.find((value) => uniqueValues.holderOf(waiting, { path, value }, externalId) === undefined);
  if (free === undefined) return;
  uniqueValues.assign(waiting, { path, value: free });
  if (!uniqueValues.hasUnownedAccount(waiting, { path, value: free })) return;
  const { resourceType, key } = waiting;
  note({ resourceType, key, name: free }, unownedText(path, free), false);
}

/** Only the create shows whose account it is: a list is not kept with the values that identify a person. */
const unownedText = (path: string, value: string): string =>
  `an account without an externalId had ${path} ${JSON.stringify(value)} when the target was last listed. If its ` +
  'e-mail address or name is that of this user, the pass adopts it; otherwise this user gets the next value';
