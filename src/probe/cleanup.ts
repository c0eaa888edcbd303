import { resourceTypes, uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import { getIgnoringCase } from '../model/scim-json.ts';
import type { Response } from '../scim/transport/message.ts';
import { parseListResponse } from '../scim/read/list-response.ts';
import { filterOf } from '../scim/read/lookup.ts';
import { decide } from '../scim/judge/judge-response.ts';
import { parseId } from '../scim/encode/urls.ts';
import {
  deactivateByAnyMeans,
  describeDeletion,
  isInactive,
  isProvenMissing,
  stateAfterDelete,
  type ReadState,
} from './closing.ts';
import { NoResponseError } from './errors.ts';
import { findCanaries } from './leftovers.ts';
import type { ProbeSession } from './session.ts';
import type { Canary, LedgerEntry } from './ledger.ts';
import { containsName } from './names.ts';

/** A canary that exists after the clean-up, or may exist. */
export interface Remnant {
  readonly resourceType: ResourceType;
  readonly name: string;
  readonly id?: string;
  /**
   * `present`: it could not be deleted · `possible`: the create got no response, and no search shows whether the
   * resource exists · `deactivated`: DELETE deactivates users, or does not find inactive ones
   */
  readonly state: 'present' | 'possible' | 'deactivated';
  readonly reason: string;
}

/**
 * Removes all canaries, groups first, and records the results in the ledger. Never throws: a canary whose removal fails
 * stays in the ledger with the reason, for another attempt. At last it searches for canaries of this probe that the
 * ledger counts as removed, or does not know.
 *
 *     DELETE ── read ── deleted
 *                  └── still exists: each way to deactivate it, and a read after each
 */
export async function cleanUp(session: ProbeSession): Promise<void> {
  if (session.ledger.entries.length === 0) return;
  for (const entry of session.ledger.unremoved()) await removeEntry(session, entry).catch(giveUp(entry));
  // Some targets store a resource whose create they refused.
  for (const entry of session.ledger.refusedEntries())
    if ((await searchByName(session, entry).catch(() => 'undecided')) === 'match')
      await removeEntry(session, entry).catch(giveUp(entry));
  for (const resourceType of resourceTypes) await removeStrays(session, resourceType).catch(() => undefined);
}

const giveUp =
  (entry: LedgerEntry) =>
  (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    entry.reason = message === '' ? 'the clean-up was stopped' : message;
  };

/** The canaries that the ledger does not count as deleted. */
export function remnantsOf({ ledger, findings }: Pick<ProbeSession, 'ledger' | 'findings'>): readonly Remnant[] {
  const deactivationReason =
    findings.profile().protocol.deletion === 'deactivates'
      ? 'DELETE deactivates users and does not remove them'
      : 'the application hides inactive users, also from DELETE';
  const states = { sent: 'possible', present: 'present', closed: 'present', deactivated: 'deactivated' } as const;
  return [
    ...ledger.entries.filter(({ state }) => state !== 'deactivated'),
    ...ledger.entries.filter(({ state }) => state === 'deactivated'),
  ].flatMap(({ resourceType, name, id, state, reason }) =>
    state === 'deleted' || state === 'refused'
      ? []
      : [
          {
            resourceType,
            name,
            ...(id === undefined ? {} : { id }),
            state: states[state],
            reason: reason ?? (state === 'deactivated' ? deactivationReason : 'it was not removed'),
          },
        ],
  );
}

/**
 * Waits between two searches for a canary whose create got no response, in milliseconds: a new resource may show late.
 */
const locateWaitsMs = [1000];

async function removeEntry(session: ProbeSession, entry: LedgerEntry): Promise<void> {
  if (entry.state === 'sent') {
    const { result } = await session.poll(
      locateWaitsMs,
      () => locate(session, entry),
      (search) => search !== 'noMatch',
    );
    if (result === 'noMatch') {
      entry.state = 'deleted';
      return;
    }
    if (result === 'undecided') {
      entry.reason = 'the create got no response, and no search shows whether the resource exists';
      return;
    }
  }
  const canary = entry.id === undefined ? undefined : session.ledger.canaryWithId(entry.resourceType, entry.id);
  if (canary !== undefined) await removeCanary(session, entry, canary);
}

async function removeCanary(session: ProbeSession, entry: LedgerEntry, canary: Canary): Promise<void> {
  const deletion = await session.write('DELETE', canary).catch(asNoResponse);
  const isDone = 'status' in deletion && decide(deletion) === 'accept';
  const state = await stateAfter(session, canary, isDone);
  // Without a 2xx to DELETE, a 404 may come from a gateway, or the canary may have another id. A read that shows
  // nothing proves nothing.
  const isSearched = state === 'unknown' || (state === 'deleted' && !isDone);
  const row = isSearched ? await rowOf(session, entry) : undefined;
  if (isResource(row) && (await session.relocate(canary))) return removeCanary(session, entry, canary);
  const end = endOf(state, isDone, row);
  if (end !== 'open') {
    const isHidden = end === 'deleted' && mayBeHidden(session, canary, isDone);
    if (state === 'deactivated' && session.findings.profile().protocol.deletion !== 'deactivates')
      entry.reason = describeDeletion(deletion, state);
    session.ledger.setState(canary, isHidden ? 'deactivated' : end);
    return;
  }
  await closeInstead(session, entry, canary, deletion, state);
}

/** Deactivates a user that DELETE did not remove, and records the reason. */
async function closeInstead(
  session: ProbeSession,
  entry: LedgerEntry,
  canary: Canary,
  deletion: Response | NoResponseError,
  state: ReadState,
): Promise<void> {
  const result = describeDeletion(deletion, state);
  entry.reason = result;
  if (canary.resourceType === 'Group') return;
  if (state === 'deactivated' || (await deactivateByAnyMeans(session, canary))) {
    // After any other answer, a later DELETE may work.
    if ('status' in deletion && ['unsupported', 'denied'].includes(decide(deletion))) entry.state = 'closed';
    entry.reason = `${result}; it was deactivated instead`;
  } else entry.reason = `${result}, and no request deactivates it: the account may be open`;
}

/**
 * Whether the canary needs no further request.
 *
 * @param row the resource as a search by name shows it; undefined if it shows none
 */
function endOf(state: ReadState, isDone: boolean, row: unknown): 'deleted' | 'deactivated' | 'open' {
  if (state === 'deactivated') return isDone ? 'deactivated' : 'open';
  if (state === 'present') return 'open';
  if (isResource(row)) return isInactive(row) ? 'deactivated' : 'open';
  // A search that proves nothing does not weaken a 404, but it does not complete an unclear read either.
  return state === 'deleted' || (isDone && row === undefined) ? 'deleted' : 'open';
}

const isResource = (row: unknown): row is object => typeof row === 'object' && row !== null;

function asNoResponse(error: unknown): NoResponseError {
  if (error instanceof NoResponseError) return error;
  throw error;
}

/**
 * The resource as a search by the canary's name shows it, after waits in which a deletion may become visible.
 *
 * @returns undefined if it is not found, `undecided` if the search proves nothing
 */
async function rowOf(session: ProbeSession, { resourceType, name }: LedgerEntry): Promise<unknown> {
  const { result } = await session.poll(
    deletionWaitsMs,
    async () => {
      const response = await filterByName(session, resourceType, name);
      const row = decide(response) === 'accept' ? rowNamed(response, name) : undefined;
      return row ?? (isTrustedEmpty(session, resourceType, response) ? undefined : 'undecided');
    },
    (row) => !isResource(row),
  );
  return result;
}

/**
 * Whether 404 means a hidden inactive user: DELETE deactivates here, or DELETE itself answered 404 and inactive users
 * are hidden.
 */
function mayBeHidden({ findings }: ProbeSession, { resourceType }: Canary, isDone: boolean): boolean {
  const { deletion, inactiveUsers } = findings.profile().protocol;
  return resourceType === 'User' && (deletion === 'deactivates' || (inactiveUsers === 'notFound' && !isDone));
}

/**
 * Waits until a deletion shows, in milliseconds. They are long because the consistency delay may not be measured yet.
 */
const deletionWaitsMs = [1500, 3000];

async function stateAfter(session: ProbeSession, canary: Canary, isDone: boolean): Promise<ReadState> {
  const { result } = await session.poll(
    isDone ? deletionWaitsMs : [],
    async () => stateAfterDelete(canary, await session.read(canary)),
    (state) => state === 'deleted' || state === 'deactivated',
  );
  return result;
}

/**
 * Removes canaries of this probe that a search shows, although the ledger counts them as deleted or has not got them.
 */
async function removeStrays(session: ProbeSession, resourceType: ResourceType): Promise<void> {
  for (const { id, name } of await findCanaries(session, resourceType, session.names.isOfThisProbe)) {
    const known = session.ledger.entries.find((each) => each.resourceType === resourceType && each.id === id);
    if (known !== undefined && known.state !== 'deleted') continue;
    const entry = known ?? session.ledger.recordIntent(resourceType, name);
    const read = await session.send({ method: 'GET', path: session.path(resourceType, id) });
    if (isProvenMissing(read)) {
      entry.state = 'deleted';
      continue;
    }
    session.ledger.markCreated(entry, id);
    await removeEntry(session, entry).catch(giveUp(entry));
  }
}

type SearchResult = 'match' | 'noMatch' | 'undecided';

/** Searches for a canary by its id, by its name, and in the listing. Only a resource with the canary's name counts. */
async function locate(session: ProbeSession, entry: LedgerEntry): Promise<SearchResult> {
  const { resourceType, name, id } = entry;
  if (id !== undefined) {
    const response = await session.send({ method: 'GET', path: session.path(resourceType, id) });
    if (decide(response) === 'accept' && containsName(response.body, name)) return 'match';
  }
  const result = await searchByName(session, entry);
  return result === 'undecided' ? scanList(session, entry) : result;
}

async function searchByName(session: ProbeSession, entry: LedgerEntry): Promise<SearchResult> {
  const response = await filterByName(session, entry.resourceType, entry.name);
  if (decide(response) === 'accept' && recordMatch(session, entry, response)) return 'match';
  return isTrustedEmpty(session, entry.resourceType, response) ? 'noMatch' : 'undecided';
}

const filterByName = (session: ProbeSession, resourceType: ResourceType, name: string): Promise<Response> =>
  session.send({
    method: 'GET',
    path: session.path(resourceType),
    query: { filter: filterOf(uniqueNameAttribute(resourceType), name) },
  });

/** Whether a filter by name, which an experiment has found to work, finds nothing. */
function isTrustedEmpty(session: ProbeSession, resourceType: ResourceType, response: Response): boolean {
  if (isProvenMissing(response)) return true;
  const isTrusted = session.findings.all.some(
    ({ settings }) =>
      (resourceType === 'User'
        ? settings?.protocol?.matchUsers?.includes('userName')
        : settings?.protocol?.matchGroups?.includes('displayName')) === true,
  );
  return isTrusted && decide(response) === 'accept' && parseListResponse(response)?.rows.length === 0;
}

const rowNamed = (response: Response, name: string): unknown =>
  parseListResponse(response)?.rows.find((each) => containsName(each, name));

function recordMatch(session: ProbeSession, entry: LedgerEntry, response: Response): boolean {
  const matchedId = parseId(getIgnoringCase(rowNamed(response, entry.name), 'id'));
  if (matchedId !== undefined) session.ledger.markCreated(entry, matchedId);
  return matchedId !== undefined;
}

const maxPages = 20;

/** Searches the listing, at most 20 pages of 100 rows. */
async function scanList(session: ProbeSession, entry: LedgerEntry): Promise<SearchResult> {
  const ids = new Set<unknown>();
  let rowCount = 0;
  for (let page = 0; page < maxPages; page += 1) {
    const response = await session.send({
      method: 'GET',
      path: session.path(entry.resourceType),
      query: { ...(rowCount === 0 ? {} : { startIndex: String(rowCount + 1) }), count: '100' },
    });
    const list = decide(response) === 'accept' ? parseListResponse(response) : undefined;
    if (list === undefined) return 'undecided';
    if (recordMatch(session, entry, response)) return 'match';
    const previousSize = ids.size;
    for (const row of list.rows) ids.add(getIgnoringCase(row, 'id'));
    rowCount += list.rows.length;
    // No new row: the page is empty before the end of the listing, or the target ignores startIndex.
    if (ids.size === previousSize && rowCount > 0) return 'undecided';
    if (list.total !== undefined && ids.size >= list.total) return 'noMatch';
    if (list.rows.length === 0) return 'undecided';
  }
  return 'undecided';
}
