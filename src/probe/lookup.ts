import { namePath, type Kind } from '../model/kind.ts';
import type { Body, Json } from '../model/resource.ts';
import { member, readBody } from '../model/shape.ts';
import { asRemoteId } from '../scim/address.ts';
import { readList } from '../scim/list-response.ts';
import { filterOf } from '../scim/lookup.ts';
import type { Reply } from '../scim/message.ts';
import { decide, sentence } from '../scim/response.ts';
import { finding, undecided, type Finding } from './finding.ts';
import type { Ground } from './ground.ts';
import type { Canary } from './ledger.ts';
import { workMail } from './person.ts';

/** What a filter did. */
export type Search =
  | { readonly kind: 'found' }
  /** Nobody was shown, though somebody is there. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'refused'; readonly detail: string }
  /** Others were shown: the filter is ignored, or another attribute is searched than the one that was named. */
  | { readonly kind: 'others'; readonly rows: number };

/** @param id of whom was asked for */
export function judgeSearch(reply: Reply, id: string): Search {
  if (decide(reply) === 'missing') return { kind: 'nobody' };
  const list = decide(reply) === 'accept' ? readList(reply) : undefined;
  if (list === undefined)
    return {
      kind: 'refused',
      detail: decide(reply) === 'accept' ? `answered ${reply.status}, but not with a list` : sentence(reply),
    };
  const ids = list.rows.map((row) => asRemoteId(member(row, 'id')));
  if (ids.length === 0) return { kind: 'nobody' };
  return new Set(ids).size === 1 && ids[0] === id ? { kind: 'found' } : { kind: 'others', rows: ids.length };
}

/** What was seen of one attribute. */
export interface Sight {
  readonly attribute: string;
  /** Asked for the value that somebody has. */
  readonly match: Search;
  /** Asked for a value that nobody has in this attribute, though the same person has it in another. Only asked where `match` found them. */
  readonly cross?: Search;
  /** Asked for the value in another case, where it has letters. */
  readonly otherCase?: Search;
}

export const isTrusted = ({ match, cross }: Sight): boolean =>
  match.kind === 'found' && (cross === undefined || cross.kind === 'nobody' || cross.kind === 'refused');

export async function lookups(
  ground: Ground,
  kind: Kind,
  canary: Canary,
  body: Body,
  attributes: readonly string[],
  shown: Body,
): Promise<readonly Sight[]> {
  const about = kind === 'User' ? 'lookup' : 'group lookup';
  const ask = (attribute: string, value: Json) => search(ground, kind, attribute, value, canary.id);
  const texts = attributes.flatMap((attribute) => {
    const value = body[attribute];
    return typeof value === 'string' ? [{ attribute, value }] : [];
  });
  const matches = new Map<string, Search>();
  // Where nobody is found by anything, an index may be a little behind.
  for (const wait of [0, 500, 1500]) {
    if ([...matches.values()].some(({ kind: how }) => how === 'found')) break;
    if (wait > 0) await ground.pause(wait);
    for (const { attribute, value } of texts) matches.set(attribute, await ask(attribute, value));
  }
  const sights: Sight[] = [];
  for (const { attribute, value } of texts) {
    const match = matches.get(attribute);
    if (match === undefined) continue;
    const alien = texts.find(
      (other) => other.attribute !== attribute && other.value.toLowerCase() !== value.toLowerCase(),
    )?.value;
    const cross = match.kind === 'found' && alien !== undefined ? await ask(attribute, alien) : undefined;
    const turned = swapped(value);
    const otherCase = match.kind === 'found' && turned !== value ? await ask(attribute, turned) : undefined;
    sights.push({
      attribute,
      match,
      ...(cross === undefined ? {} : { cross }),
      ...(otherCase === undefined ? {} : { otherCase }),
    });
  }
  ground.book.note(
    ...sights.map((sight) => finding(about, saySight(sight))),
    ...wordsOf(kind, about, sights, shown, ground),
  );
  ground.book.note(await unmatched(ground, kind, about));
  return sights;
}

async function search(ground: Ground, kind: Kind, attribute: string, value: Json, id: string): Promise<Search> {
  // A name without a filter in it: emails.value.
  const filter = attribute === 'emails.value' ? `emails.value eq ${JSON.stringify(value)}` : filterOf(attribute, value);
  return judgeSearch(await ground.ask({ method: 'GET', path: ground.path(kind), query: { filter } }), id);
}

const swapped = (text: string): string =>
  [...text].map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase())).join('');

export function saySight({ attribute, match, cross, otherCase }: Sight): string {
  switch (match.kind) {
    case 'found': {
      if (cross !== undefined && cross.kind === 'found')
        return `${attribute}: finds, but whatever attribute is named: it searches another one`;
      if (cross !== undefined && cross.kind === 'others')
        return `${attribute}: finds, but shows ${cross.rows} others for a value that nobody has`;
      return `${attribute}: finds${otherCase === undefined ? '' : otherCase.kind === 'found' ? ', in any case' : ', in the same case only'}`;
    }
    case 'nobody':
      return `${attribute}: does not find who is there`;
    case 'refused':
      return `${attribute}: refused, ${match.detail}`;
    case 'others':
      return `${attribute}: ignored, ${match.rows} ${match.rows === 1 ? 'other is' : 'are'} shown`;
  }
}

function wordsOf(kind: Kind, about: string, sights: readonly Sight[], shown: Body, ground: Ground): readonly Finding[] {
  const { holds } = ground.book.profile();
  const trusted = sights.filter(isTrusted).map(({ attribute }) => attribute);
  const candidates =
    kind === 'User' ? ['externalId', 'userName', 'emails.value', workMail] : ['externalId', 'displayName'];
  // A row that does not show the value proves nothing to whoever asked for it.
  const usable = candidates
    .filter(
      (attribute) => trusted.includes(attribute) && (attribute.startsWith('emails') || shown[attribute] !== undefined),
    )
    .filter((attribute, index) => index === 0 || !attribute.startsWith('emails'));
  const isKept = kind === 'User' && trusted.includes('externalId');
  if (usable.length === 0)
    return [undecided(about, 'no attribute finds anybody reliably: who is there already cannot be found there')];
  const words =
    kind === 'User'
      ? {
          speaks: { matchUsers: usable },
          ...(isKept ? { holds: { drops: holds.drops.filter((path) => path !== 'externalId') } } : {}),
        }
      : { speaks: { matchGroups: usable } };
  const found = finding(about, `found by ${usable.join(', then ')}`, words);
  const exact =
    kind === 'User' &&
    sights.some(({ attribute, otherCase }) => attribute === 'userName' && otherCase?.kind === 'nobody');
  // Unless it was seen to keep names in another case than they were sent in.
  const isFolded = ground.book.findings.some(
    ({ words: seen }) => seen?.holds?.foldsCase?.includes('userName') === true,
  );
  if (!exact || isFolded || !holds.foldsCase.includes('userName')) return [found];
  return [
    found,
    finding(about, 'a userName is kept and found in its own case only', {
      holds: { foldsCase: holds.foldsCase.filter((path) => path !== 'userName') },
    }),
  ];
}

async function unmatched(ground: Ground, kind: Kind, about: string): Promise<Finding> {
  const reply = await ground.ask({
    method: 'GET',
    path: ground.path(kind),
    query: { filter: filterOf(namePath(kind), ground.names.nobody) },
  });
  return finding(about, `a name that nobody has: ${sayUnmatched(reply)}`);
}

export function sayUnmatched(reply: Reply): string {
  if (decide(reply) === 'missing') return `answered ${reply.status}`;
  const list = decide(reply) === 'accept' ? readList(reply) : undefined;
  if (list === undefined)
    return decide(reply) === 'accept' ? `answered ${reply.status}, but not with a list` : `refused, ${sentence(reply)}`;
  return list.rows.length === 0 ? 'an empty list' : `${list.rows.length} others, so the filter is ignored`;
}

/** The values by which somebody is looked for: as they are kept there. */
export function lookedUp(kept: Body, sent: Body): Body {
  const paths = ['externalId', 'userName', workMail, 'displayName'];
  const values: Record<string, Json> = {};
  for (const path of paths) {
    // What is not shown may be kept, and found, all the same.
    const value = kept[path] ?? (path === 'userName' || path === 'externalId' ? sent[path] : undefined);
    if (value !== undefined) values[path] = value;
  }
  const mail = kept[workMail];
  return mail === undefined ? values : { ...values, 'emails.value': mail };
}

export const userAttributes = ['externalId', 'userName', workMail, 'emails.value', 'displayName'];
export const readNames = (body: unknown): Body => readBody(body, ['displayName', 'externalId']);
