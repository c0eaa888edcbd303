import { uniqueNameAttribute, type ResourceType } from '../../model/resource-type.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import { getIgnoringCase, fromScimJson } from '../../model/scim-json.ts';
import { parseId } from '../../scim/encode/urls.ts';
import { parseListResponse } from '../../scim/read/list-response.ts';
import { filterOf } from '../../scim/read/lookup.ts';
import type { Response } from '../../scim/transport/message.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { workMail } from '../users/user-attributes.ts';

/** What a filter did. */
export type FilterResult =
  | { readonly kind: 'found' }
  /** Nobody was shown, though somebody is there. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'refused'; readonly detail: string }
  /** Others were shown: the filter is ignored, or another attribute is searched than the one that was named. */
  | { readonly kind: 'others'; readonly rows: number };

/** @param id of whom was asked for */
export function judgeFilter(response: Response, id: string): FilterResult {
  if (decide(response) === 'notFound') return { kind: 'nobody' };
  const list = decide(response) === 'accept' ? parseListResponse(response) : undefined;
  if (list === undefined)
    return {
      kind: 'refused',
      detail:
        decide(response) === 'accept' ? `answered ${response.status}, but not with a list` : errorSummary(response),
    };
  const ids = list.rows.map((row) => parseId(getIgnoringCase(row, 'id')));
  if (ids.length === 0) return { kind: 'nobody' };
  return new Set(ids).size === 1 && ids[0] === id ? { kind: 'found' } : { kind: 'others', rows: ids.length };
}

/** What was seen of one attribute. */
export interface LookupResult {
  readonly attribute: string;
  /** Asked for the value that somebody has. */
  readonly match: FilterResult;
  /** Asked for a value that nobody has in this attribute, though the same person has it in another. Only asked where `match` found them. */
  readonly cross?: FilterResult;
  /** Asked for the value in another case, where it has letters. */
  readonly otherCase?: FilterResult;
}

export const isReliable = ({ match, cross }: LookupResult): boolean =>
  match.kind === 'found' && (cross === undefined || cross.kind === 'nobody' || cross.kind === 'refused');

export async function probeLookups(
  session: ProbeSession,
  resourceType: ResourceType,
  canary: Canary,
  body: FlatResource,
  attributes: readonly string[],
  stored: FlatResource,
): Promise<readonly LookupResult[]> {
  const topic = resourceType === 'User' ? 'lookup' : 'group lookup';
  const lookUpBy = (attribute: string, value: Json) => lookUp(session, resourceType, attribute, value, canary.id);
  const texts = attributes.flatMap((attribute) => {
    const value = body[attribute];
    return typeof value === 'string' ? [{ attribute, value }] : [];
  });
  const matches = new Map<string, FilterResult>();
  // Where nobody is found by anything, an index may be a little behind.
  for (const wait of [0, 500, 1500]) {
    if ([...matches.values()].some(({ kind: resultKind }) => resultKind === 'found')) break;
    if (wait > 0) await session.pause(wait);
    for (const { attribute, value } of texts) matches.set(attribute, await lookUpBy(attribute, value));
  }
  const results: LookupResult[] = [];
  for (const { attribute, value } of texts) {
    const match = matches.get(attribute);
    if (match === undefined) continue;
    const otherValue = texts.find(
      (other) => other.attribute !== attribute && other.value.toLowerCase() !== value.toLowerCase(),
    )?.value;
    const cross =
      match.kind === 'found' && otherValue !== undefined ? await lookUpBy(attribute, otherValue) : undefined;
    const otherCaseValue = swapCase(value);
    const otherCase =
      match.kind === 'found' && otherCaseValue !== value ? await lookUpBy(attribute, otherCaseValue) : undefined;
    results.push({
      attribute,
      match,
      ...(cross === undefined ? {} : { cross }),
      ...(otherCase === undefined ? {} : { otherCase }),
    });
  }
  session.findings.add(
    ...results.map((sight) => finding(topic, describeLookup(sight))),
    ...judgeLookups(resourceType, topic, results, stored, session),
  );
  session.findings.add(await probeUnusedName(session, resourceType, topic));
  return results;
}

async function lookUp(
  session: ProbeSession,
  resourceType: ResourceType,
  attribute: string,
  value: Json,
  id: string,
): Promise<FilterResult> {
  // A name without a filter in it: emails.value.
  const filter = attribute === 'emails.value' ? `emails.value eq ${JSON.stringify(value)}` : filterOf(attribute, value);
  return judgeFilter(await session.send({ method: 'GET', path: session.path(resourceType), query: { filter } }), id);
}

const swapCase = (text: string): string =>
  [...text].map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase())).join('');

export function describeLookup({ attribute, match, cross, otherCase }: LookupResult): string {
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

function judgeLookups(
  resourceType: ResourceType,
  topic: string,
  results: readonly LookupResult[],
  stored: FlatResource,
  session: ProbeSession,
): readonly Finding[] {
  const { supports } = session.findings.profile();
  const reliable = results.filter(isReliable).map(({ attribute }) => attribute);
  const candidates =
    resourceType === 'User' ? ['externalId', 'userName', 'emails.value', workMail] : ['externalId', 'displayName'];
  // A row that does not show the value proves nothing to whoever asked for it.
  const usable = candidates
    .filter(
      (attribute) =>
        reliable.includes(attribute) && (attribute.startsWith('emails') || stored[attribute] !== undefined),
    )
    .filter((attribute, index) => index === 0 || !attribute.startsWith('emails'));
  const isExternalIdStored = resourceType === 'User' && reliable.includes('externalId');
  if (usable.length === 0)
    return [undecided(topic, 'no attribute finds anybody reliably: who is there already cannot be found there')];
  const settings =
    resourceType === 'User'
      ? {
          protocol: { matchUsers: usable },
          ...(isExternalIdStored
            ? {
                supports: {
                  unsupportedAttributes: supports.unsupportedAttributes.filter((path) => path !== 'externalId'),
                },
              }
            : {}),
        }
      : { protocol: { matchGroups: usable } };
  const summary = finding(topic, `found by ${usable.join(', then ')}`, settings);
  const isCaseExact =
    resourceType === 'User' &&
    results.some(({ attribute, otherCase }) => attribute === 'userName' && otherCase?.kind === 'nobody');
  // Unless it was seen to keep names in another case than they were sent in.
  const isCaseFolded = session.findings.all.some(
    ({ settings: decided }) => decided?.supports?.caseInsensitive?.includes('userName') === true,
  );
  if (!isCaseExact || isCaseFolded || !supports.caseInsensitive.includes('userName')) return [summary];
  return [
    summary,
    finding(topic, 'a userName is kept and found in its own case only', {
      supports: { caseInsensitive: supports.caseInsensitive.filter((path) => path !== 'userName') },
    }),
  ];
}

async function probeUnusedName(session: ProbeSession, resourceType: ResourceType, topic: string): Promise<Finding> {
  const response = await session.send({
    method: 'GET',
    path: session.path(resourceType),
    query: { filter: filterOf(uniqueNameAttribute(resourceType), session.names.unusedName) },
  });
  return finding(topic, `a name that nobody has: ${describeUnusedName(response)}`);
}

export function describeUnusedName(response: Response): string {
  if (decide(response) === 'notFound') return `answered ${response.status}`;
  const list = decide(response) === 'accept' ? parseListResponse(response) : undefined;
  if (list === undefined)
    return decide(response) === 'accept'
      ? `answered ${response.status}, but not with a list`
      : `refused, ${errorSummary(response)}`;
  return list.rows.length === 0 ? 'an empty list' : `${list.rows.length} others, so the filter is ignored`;
}

/** The values by which somebody is looked for: as they are kept there. */
export function lookupValues(stored: FlatResource, sent: FlatResource): FlatResource {
  const paths = ['externalId', 'userName', workMail, 'displayName'];
  const values: Record<string, Json> = {};
  for (const path of paths) {
    // What is not shown may be kept, and found, all the same.
    const value = stored[path] ?? (path === 'userName' || path === 'externalId' ? sent[path] : undefined);
    if (value !== undefined) values[path] = value;
  }
  const mail = stored[workMail];
  return mail === undefined ? values : { ...values, 'emails.value': mail };
}

export const userLookupAttributes = ['externalId', 'userName', workMail, 'emails.value', 'displayName'];
export const readGroupNames = (body: unknown): FlatResource => fromScimJson(body, ['displayName', 'externalId']);
