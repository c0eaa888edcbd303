import { uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import { getIgnoringCase, fromScimJson } from '../model/scim-json.ts';
import type { Response } from '../scim/transport/message.ts';
import { parseListResponse } from '../scim/read/list-response.ts';
import { filterOf } from '../scim/read/lookup.ts';
import { decide, describeResult } from '../scim/judge/judge-response.ts';
import { patchOpSchema } from '../scim/encode/patch.ts';
import { parseId } from '../scim/encode/urls.ts';
import type { ProbeSession } from './session.ts';
import type { Canary, LedgerEntry } from './ledger.ts';
import { containsName } from './names.ts';

/** A canary that is still there, or may be. */
export interface Remnant {
  readonly resourceType: ResourceType;
  readonly name: string;
  readonly id?: string;
  /** `there`: it could not be removed · `perhaps`: its creation was never answered, and nothing shows whether it is there · `closed`: DELETE only closes accounts here, or does not know closed ones */
  readonly state: 'there' | 'perhaps' | 'closed';
  readonly reason: string;
}

/** Removes every canary, groups first, and never throws: what it could not remove is what it returns. */
export async function cleanUp(session: ProbeSession): Promise<readonly Remnant[]> {
  const remnants: Remnant[] = [];
  for (const entry of session.ledger.unremoved()) {
    const remnant = await removeEntry(session, entry).catch((error: unknown) =>
      toRemnant(
        entry,
        entry.state === 'sent' ? 'perhaps' : 'there',
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
      ? 'DELETE only closes accounts here'
      : 'closed accounts are hidden here, from DELETE too';
  return [
    ...remnants,
    ...session.ledger.entries
      .filter(({ state }) => state === 'closed')
      .map((entry) => toRemnant(entry, 'closed', deactivationReason)),
  ];
}

/** Some keep what they refuse, hidden until it is repaired. */
async function removeIfStored(session: ProbeSession, entry: LedgerEntry): Promise<Remnant | undefined> {
  return (await searchByName(session, entry)) === 'found' ? removeEntry(session, entry) : undefined;
}

async function removeEntry(session: ProbeSession, entry: LedgerEntry): Promise<Remnant | undefined> {
  if (entry.state === 'sent') {
    let match = await locate(session, entry);
    // What was made a moment ago may show a moment later.
    if (match === 'none') {
      await session.pause(1000);
      match = await locate(session, entry);
    }
    if (match === 'none') {
      entry.state = 'gone';
      return undefined;
    }
    if (match === 'unknown')
      return toRemnant(entry, 'perhaps', 'its creation was not answered, and no search shows whether it is there');
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
      'there',
      `DELETE was answered ${describeResult(response)}${isDeactivated ? '; it was deactivated instead' : ''}`,
    );
  }
  const stateSeen = await finalState(session, canary);
  const state = stateSeen === 'gone' && mayBeHidden(session, canary, response) ? 'closed' : stateSeen;
  session.ledger.setState(canary, state);
  return state === 'there'
    ? toRemnant(entry, 'there', `DELETE was answered ${response.status}, and it is there all the same`)
    : undefined;
}

/** Where DELETE was seen to close accounts, one that answers 404 afterwards is closed and not shown; where closed accounts are not shown, one that DELETE does not know is closed. */
function mayBeHidden({ findings }: ProbeSession, { resourceType }: Canary, response: Response): boolean {
  const { deletion, inactiveUsers } = findings.profile().protocol;
  return (
    resourceType === 'User' &&
    (deletion === 'deactivates' || (inactiveUsers === 'notFound' && decide(response) === 'notFound'))
  );
}

/** How long it is waited for what was removed to be gone, in milliseconds: before it was measured, an application may show it later than usual. */
const deletionWaitsMs = [0, 1500, 3000];

async function finalState(session: ProbeSession, canary: Canary): Promise<'there' | 'gone' | 'closed'> {
  let state: 'there' | 'gone' | 'closed' = 'there';
  for (const wait of deletionWaitsMs) {
    await session.pause(wait);
    state = stateAfterDelete(canary, await session.readUntil(canary, (body) => !isSameResource(canary, body)));
    if (state !== 'there') break;
  }
  return state;
}

/** What a read after DELETE proves. */
export function stateAfterDelete(canary: Canary, readResponse: Response): 'there' | 'gone' | 'closed' {
  if (decide(readResponse) !== 'accept' || !isSameResource(canary, readResponse.body)) return 'gone';
  return canary.resourceType === 'User' && isInactive(readResponse.body) ? 'closed' : 'there';
}

const isSameResource = (canary: Canary, body: unknown): boolean => parseId(getIgnoringCase(body, 'id')) === canary.id;

export function isInactive(body: unknown): boolean {
  const { active } = fromScimJson(body, ['active']);
  return active === false || (typeof active === 'string' && active.toLowerCase() === 'false');
}

async function deactivate(session: ProbeSession, canary: Canary): Promise<boolean> {
  const op = session.findings.profile().protocol.patchOps === 'title' ? 'Replace' : 'replace';
  const response = await session.write('PATCH', canary, {
    schemas: [patchOpSchema],
    Operations: [{ op, path: 'active', value: false }],
  });
  return decide(response) === 'accept' && isInactive((await session.read(canary)).body);
}

/** Looks for what may have been made: by its id, by its name, and in the list. Only a row that bears the name counts. */
async function locate(session: ProbeSession, entry: LedgerEntry): Promise<'found' | 'none' | 'unknown'> {
  const { resourceType, name, id } = entry;
  if (id !== undefined) {
    const response = await session.send({ method: 'GET', path: session.path(resourceType, id) });
    if (decide(response) === 'accept' && containsName(response.body, name)) return 'found';
  }
  const match = await searchByName(session, entry);
  return match === 'unknown' ? scanList(session, entry) : match;
}

async function searchByName(session: ProbeSession, entry: LedgerEntry): Promise<'found' | 'none' | 'unknown'> {
  const { resourceType, name } = entry;
  const filter = filterOf(uniqueNameAttribute(resourceType), name);
  const response = await session.send({ method: 'GET', path: session.path(resourceType), query: { filter } });
  if (decide(response) === 'notFound') return 'none';
  if (decide(response) === 'accept' && recordMatch(session, entry, response)) return 'found';
  const isTrusted = session.findings.all.some(
    ({ settings }) =>
      (resourceType === 'User'
        ? settings?.protocol?.matchUsers?.includes('userName')
        : settings?.protocol?.matchGroups?.includes('displayName')) === true,
  );
  const rows = decide(response) === 'accept' ? parseListResponse(response)?.rows : undefined;
  return isTrusted && rows?.length === 0 ? 'none' : 'unknown';
}

function recordMatch(session: ProbeSession, entry: LedgerEntry, response: Response): boolean {
  const row = parseListResponse(response)?.rows.find((each) => containsName(each, entry.name));
  const matchedId = parseId(getIgnoringCase(row, 'id'));
  if (matchedId !== undefined) session.ledger.markCreated(entry, matchedId);
  return matchedId !== undefined;
}

const maxPages = 20;

/** Everybody, as far as that goes. */
async function scanList(session: ProbeSession, entry: LedgerEntry): Promise<'found' | 'none' | 'unknown'> {
  const ids = new Set<unknown>();
  let rowCount = 0;
  for (let page = 0; page < maxPages; page += 1) {
    const response = await session.send({
      method: 'GET',
      path: session.path(entry.resourceType),
      query: { ...(rowCount === 0 ? {} : { startIndex: String(rowCount + 1) }), count: '100' },
    });
    const list = decide(response) === 'accept' ? parseListResponse(response) : undefined;
    if (list === undefined) return 'unknown';
    if (recordMatch(session, entry, response)) return 'found';
    const previousSize = ids.size;
    for (const row of list.rows) ids.add(getIgnoringCase(row, 'id'));
    rowCount += list.rows.length;
    // Without one new row: an empty page before the end, or a server that always shows the same one.
    if (ids.size === previousSize && rowCount > 0) return 'unknown';
    if (list.total !== undefined && ids.size >= list.total) return 'none';
    if (list.rows.length === 0) return 'unknown';
  }
  return 'unknown';
}

function toRemnant({ resourceType, name, id }: LedgerEntry, state: Remnant['state'], reason: string): Remnant {
  return { resourceType, name, ...(id === undefined ? {} : { id }), state, reason };
}
