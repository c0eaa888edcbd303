import { namePath } from '../model/kind.ts';
import { member, readBody } from '../model/shape.ts';
import type { Reply } from '../scim/message.ts';
import { readList } from '../scim/list-response.ts';
import { filterOf } from '../scim/lookup.ts';
import { decide, explain } from '../scim/response.ts';
import { patchOpSchema } from '../scim/patch.ts';
import { asRemoteId } from '../scim/address.ts';
import type { Ground } from './ground.ts';
import type { Canary, Entry } from './ledger.ts';
import { bears } from './names.ts';

/** A canary that is still there, or may be. */
export interface Remnant {
  readonly kind: 'User' | 'Group';
  readonly name: string;
  readonly id?: string;
  /** `there`: it could not be removed · `perhaps`: its creation was never answered, and nothing shows whether it is there · `closed`: DELETE only closes accounts here, or does not know closed ones */
  readonly state: 'there' | 'perhaps' | 'closed';
  readonly why: string;
}

/** Removes every canary, groups first, and never throws: what it could not remove is what it returns. */
export async function cleanUp(ground: Ground): Promise<readonly Remnant[]> {
  const remnants: Remnant[] = [];
  for (const entry of ground.ledger.open()) {
    const remnant = await removed(ground, entry).catch((error: unknown) =>
      remnantOf(
        entry,
        entry.state === 'sent' ? 'perhaps' : 'there',
        error instanceof Error ? error.message : String(error),
      ),
    );
    if (remnant !== undefined) remnants.push(remnant);
  }
  for (const entry of ground.ledger.refused()) {
    const remnant = await removedAfterAll(ground, entry).catch(() => undefined);
    if (remnant !== undefined) remnants.push(remnant);
  }
  const why =
    ground.book.profile().speaks.deletion === 'deactivates'
      ? 'DELETE only closes accounts here'
      : 'closed accounts are hidden here, from DELETE too';
  return [
    ...remnants,
    ...ground.ledger.entries.filter(({ state }) => state === 'closed').map((entry) => remnantOf(entry, 'closed', why)),
  ];
}

/** Some keep what they refuse, hidden until it is repaired. */
async function removedAfterAll(ground: Ground, entry: Entry): Promise<Remnant | undefined> {
  return (await search(ground, entry)) === 'found' ? removed(ground, entry) : undefined;
}

async function removed(ground: Ground, entry: Entry): Promise<Remnant | undefined> {
  if (entry.state === 'sent') {
    let found = await lookFor(ground, entry);
    // What was made a moment ago may show a moment later.
    if (found === 'none') {
      await ground.pause(1000);
      found = await lookFor(ground, entry);
    }
    if (found === 'none') {
      entry.state = 'gone';
      return undefined;
    }
    if (found === 'unknown')
      return remnantOf(entry, 'perhaps', 'its creation was not answered, and no search shows whether it is there');
  }
  const canary = entry.id === undefined ? undefined : ground.ledger.owned(entry.kind, entry.id);
  return canary === undefined ? undefined : remove(ground, entry, canary);
}

async function remove(ground: Ground, entry: Entry, canary: Canary): Promise<Remnant | undefined> {
  const reply = await ground.write('DELETE', canary);
  if (!['accept', 'missing'].includes(decide(reply))) {
    const closed = canary.kind === 'User' && (await close(ground, canary));
    return remnantOf(
      entry,
      'there',
      `DELETE was answered ${explain(reply)}${closed ? '; it was deactivated instead' : ''}`,
    );
  }
  const seen = await stateInTheEnd(ground, canary);
  const state = seen === 'gone' && mayBeHidden(ground, canary, reply) ? 'closed' : seen;
  ground.ledger.settle(canary, state);
  return state === 'there'
    ? remnantOf(entry, 'there', `DELETE was answered ${reply.status}, and it is there all the same`)
    : undefined;
}

/** Where DELETE was seen to close accounts, one that answers 404 afterwards is closed and not shown; where closed accounts are not shown, one that DELETE does not know is closed. */
function mayBeHidden({ book }: Ground, { kind }: Canary, reply: Reply): boolean {
  const { deletion, inactiveUsers } = book.profile().speaks;
  return (
    kind === 'User' && (deletion === 'deactivates' || (inactiveUsers === 'missing' && decide(reply) === 'missing'))
  );
}

/** How long it is waited for what was removed to be gone, in milliseconds: before it was measured, an application may show it later than usual. */
const farewells = [0, 1500, 3000];

async function stateInTheEnd(ground: Ground, canary: Canary): Promise<'there' | 'gone' | 'closed'> {
  let seen: 'there' | 'gone' | 'closed' = 'there';
  for (const wait of farewells) {
    await ground.pause(wait);
    seen = stateAfter(canary, await ground.readUntil(canary, (body) => !isThere(canary, body)));
    if (seen !== 'there') break;
  }
  return seen;
}

/** What a read after DELETE proves. */
export function stateAfter(canary: Canary, left: Reply): 'there' | 'gone' | 'closed' {
  if (decide(left) !== 'accept' || !isThere(canary, left.body)) return 'gone';
  return canary.kind === 'User' && isInactive(left.body) ? 'closed' : 'there';
}

const isThere = (canary: Canary, body: unknown): boolean => asRemoteId(member(body, 'id')) === canary.id;

export function isInactive(body: unknown): boolean {
  const { active } = readBody(body, ['active']);
  return active === false || (typeof active === 'string' && active.toLowerCase() === 'false');
}

async function close(ground: Ground, canary: Canary): Promise<boolean> {
  const op = ground.book.profile().speaks.patchOps === 'title' ? 'Replace' : 'replace';
  const reply = await ground.write('PATCH', canary, {
    schemas: [patchOpSchema],
    Operations: [{ op, path: 'active', value: false }],
  });
  return decide(reply) === 'accept' && isInactive((await ground.read(canary)).body);
}

/** Looks for what may have been made: by its id, by its name, and in the list. Only a row that bears the name counts. */
async function lookFor(ground: Ground, entry: Entry): Promise<'found' | 'none' | 'unknown'> {
  const { kind, name, id } = entry;
  if (id !== undefined) {
    const reply = await ground.ask({ method: 'GET', path: ground.path(kind, id) });
    if (decide(reply) === 'accept' && bears(reply.body, name)) return 'found';
  }
  const searched = await search(ground, entry);
  return searched === 'unknown' ? scan(ground, entry) : searched;
}

async function search(ground: Ground, entry: Entry): Promise<'found' | 'none' | 'unknown'> {
  const { kind, name } = entry;
  const filter = filterOf(namePath(kind), name);
  const searched = await ground.ask({ method: 'GET', path: ground.path(kind), query: { filter } });
  if (decide(searched) === 'missing') return 'none';
  if (decide(searched) === 'accept' && take(ground, entry, searched)) return 'found';
  const isTrusted = ground.book.findings.some(
    ({ words }) =>
      (kind === 'User'
        ? words?.speaks?.matchUsers?.includes('userName')
        : words?.speaks?.matchGroups?.includes('displayName')) === true,
  );
  const rows = decide(searched) === 'accept' ? readList(searched)?.rows : undefined;
  return isTrusted && rows?.length === 0 ? 'none' : 'unknown';
}

function take(ground: Ground, entry: Entry, reply: Reply): boolean {
  const row = readList(reply)?.rows.find((each) => bears(each, entry.name));
  const found = asRemoteId(member(row, 'id'));
  if (found !== undefined) ground.ledger.made(entry, found);
  return found !== undefined;
}

const mostPages = 20;

/** Everybody, as far as that goes. */
async function scan(ground: Ground, entry: Entry): Promise<'found' | 'none' | 'unknown'> {
  const ids = new Set<unknown>();
  let seen = 0;
  for (let page = 0; page < mostPages; page += 1) {
    const reply = await ground.ask({
      method: 'GET',
      path: ground.path(entry.kind),
      query: { ...(seen === 0 ? {} : { startIndex: String(seen + 1) }), count: '100' },
    });
    const list = decide(reply) === 'accept' ? readList(reply) : undefined;
    if (list === undefined) return 'unknown';
    if (take(ground, entry, reply)) return 'found';
    const before = ids.size;
    for (const row of list.rows) ids.add(member(row, 'id'));
    seen += list.rows.length;
    // Without one new row: an empty page before the end, or a server that always shows the same one.
    if (ids.size === before && seen > 0) return 'unknown';
    if (list.total !== undefined && ids.size >= list.total) return 'none';
    if (list.rows.length === 0) return 'unknown';
  }
  return 'unknown';
}

function remnantOf({ kind, name, id }: Entry, state: Remnant['state'], why: string): Remnant {
  return { kind, name, ...(id === undefined ? {} : { id }), state, why };
}
