import { uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import { getIgnoringCase, fromScimJson } from '../model/scim-json.ts';
import type { Response } from '../scim/transport/message.ts';
import { parseListResponse } from '../scim/read/list-response.ts';
import { filterOf } from '../scim/read/lookup.ts';
import { decide, describeResult } from '../scim/judge/judge-response.ts';
import { parseId } from '../scim/encode/urls.ts';
import { setAttributes } from './protocol/set-attributes.ts';
import type { ProbeSession } from './session.ts';
import type { Canary, CanaryState, LedgerEntry } from './ledger.ts';
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

/** Deletes all canaries, groups first. Never throws: it returns the canaries that it could not delete. */
export async function cleanUp(session: ProbeSession): Promise<readonly Remnant[]> {
  const remnants: Remnant[] = [];
  for (const entry of session.ledger.unremoved()) {
    const remnant = await removeEntry(session, entry).catch((error: unknown) =>
      toRemnant(
        entry,
        entry.state === 'sent' ? 'possible' : 'present',
        error instanceof Error ? error.message : String(error),
      ),
    );
    if (remnant !== undefined) remnants.push(remnant);
  }
  for (const entry of session.ledger.refusedEntries()) {
    const remnant = await removeIfStored(session, entry).catch(() => undefined);
    if (remnant !== undefined) remnants.push(remnant);
  }
  const deactivationReason =
    session.findings.profile().protocol.deletion === 'deactivates'
      ? 'DELETE deactivates users and does not remove them'
      : 'the application hides inactive users, also from DELETE';
  return [
    ...remnants,
    ...session.ledger.entries
      .filter(({ state }) => state === 'deactivated')
      .map((entry) => toRemnant(entry, 'deactivated', deactivationReason)),
  ];
}

/** Some targets store a resource whose create they refused. */
async function removeIfStored(session: ProbeSession, entry: LedgerEntry): Promise<Remnant | undefined> {
  return (await searchByName(session, entry)) === 'match' ? removeEntry(session, entry) : undefined;
}

/**
 * Waits between two searches for a canary whose create got no response, in milliseconds: a new resource may show late.
 */
const locateWaitsMs = [1000];

async function removeEntry(session: ProbeSession, entry: LedgerEntry): Promise<Remnant | undefined> {
  if (entry.state === 'sent') {
    const { result } = await session.poll(
      locateWaitsMs,
      () => locate(session, entry),
      (search) => search !== 'noMatch',
    );
    if (result === 'noMatch') {
      entry.state = 'deleted';
      return undefined;
    }
    if (result === 'undecided')
      return toRemnant(
        entry,
        'possible',
        'the create got no response, and no search shows whether the resource exists',
      );
  }
  const canary = entry.id === undefined ? undefined : session.ledger.canaryWithId(entry.resourceType, entry.id);
  return canary === undefined ? undefined : removeCanary(session, entry, canary);
}

async function removeCanary(session: ProbeSession, entry: LedgerEntry, canary: Canary): Promise<Remnant | undefined> {
  const response = await session.write('DELETE', canary);
  if (!['accept', 'notFound'].includes(decide(response))) {
    const isDeactivated = canary.resourceType === 'User' && (await deactivate(session, canary));
    return toRemnant(
      entry,
      'present',
      `DELETE failed with ${describeResult(response)}${isDeactivated ? '; it was deactivated instead' : ''}`,
    );
  }
  const stateAtTarget = await finalState(session, canary);
  const state = stateAtTarget === 'deleted' && mayBeHidden(session, canary, response) ? 'deactivated' : stateAtTarget;
  session.ledger.setState(canary, state);
  return state === 'present'
    ? toRemnant(entry, 'present', `DELETE was answered ${response.status}, but the resource still exists`)
    : undefined;
}

/**
 * Whether 404 means a hidden inactive user: DELETE deactivates here, or DELETE itself answered 404 and inactive users
 * are hidden.
 */
function mayBeHidden({ findings }: ProbeSession, { resourceType }: Canary, response: Response): boolean {
  const { deletion, inactiveUsers } = findings.profile().protocol;
  return (
    resourceType === 'User' &&
    (deletion === 'deactivates' || (inactiveUsers === 'notFound' && decide(response) === 'notFound'))
  );
}

/**
 * Waits until a deletion shows, in milliseconds. They are long because the consistency delay may not be measured yet.
 */
const deletionWaitsMs = [1500, 3000];

async function finalState(session: ProbeSession, canary: Canary): Promise<CanaryState> {
  const { result } = await session.poll(
    deletionWaitsMs,
    async () => stateAfterDelete(canary, await session.readUntil(canary, (body) => !isSameResource(canary, body))),
    (state) => state !== 'present',
  );
  return result;
}

/** The state of a canary as a read after DELETE shows it. */
export function stateAfterDelete(canary: Canary, readResponse: Response): CanaryState {
  if (decide(readResponse) !== 'accept' || !isSameResource(canary, readResponse.body)) return 'deleted';
  return canary.resourceType === 'User' && isInactive(readResponse.body) ? 'deactivated' : 'present';
}

const isSameResource = (canary: Canary, body: unknown): boolean => parseId(getIgnoringCase(body, 'id')) === canary.id;

/** Whether a user resource has `active` false, as a boolean or as a string. */
export function isInactive(body: unknown): boolean {
  const { active } = fromScimJson(body, ['active']);
  return active === false || (typeof active === 'string' && active.toLowerCase() === 'false');
}

async function deactivate(session: ProbeSession, canary: Canary): Promise<boolean> {
  const response = await setAttributes(session, canary, { active: false });
  return decide(response) === 'accept' && isInactive((await session.read(canary)).body);
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
  const { resourceType, name } = entry;
  const filter = filterOf(uniqueNameAttribute(resourceType), name);
  const response = await session.send({ method: 'GET', path: session.path(resourceType), query: { filter } });
  if (decide(response) === 'notFound') return 'noMatch';
  if (decide(response) === 'accept' && recordMatch(session, entry, response)) return 'match';
  const isTrusted = session.findings.all.some(
    ({ settings }) =>
      (resourceType === 'User'
        ? settings?.protocol?.matchUsers?.includes('userName')
        : settings?.protocol?.matchGroups?.includes('displayName')) === true,
  );
  const rows = decide(response) === 'accept' ? parseListResponse(response)?.rows : undefined;
  return isTrusted && rows?.length === 0 ? 'noMatch' : 'undecided';
}

function recordMatch(session: ProbeSession, entry: LedgerEntry, response: Response): boolean {
  const row = parseListResponse(response)?.rows.find((each) => containsName(each, entry.name));
  const matchedId = parseId(getIgnoringCase(row, 'id'));
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

function toRemnant({ resourceType, name, id }: LedgerEntry, state: Remnant['state'], reason: string): Remnant {
  return { resourceType, name, ...(id === undefined ? {} : { id }), state, reason };
}
