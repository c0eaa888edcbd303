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

/** Result of a filter. */
export type FilterResult =
  | { readonly kind: 'found' }
  /** An empty list, although the resource exists. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'refused'; readonly detail: string }
  /** Other resources: the target ignores the filter, or searches another attribute than the filter names. */
  | { readonly kind: 'otherRows'; readonly rows: number };

/** @param id the resource that the filter should find */
export function judgeFilter(response: Response, id: string): FilterResult {
  if (decide(response) === 'notFound') return { kind: 'empty' };
  const list = decide(response) === 'accept' ? parseListResponse(response) : undefined;
  if (list === undefined)
    return {
      kind: 'refused',
      detail:
        decide(response) === 'accept'
          ? `answered ${response.status}, but not with a ListResponse`
          : errorSummary(response),
    };
  const ids = list.rows.map((row) => parseId(getIgnoringCase(row, 'id')));
  if (ids.length === 0) return { kind: 'empty' };
  return new Set(ids).size === 1 && ids[0] === id ? { kind: 'found' } : { kind: 'otherRows', rows: ids.length };
}

/** Results of filters on one attribute. */
export interface LookupResult {
  readonly attribute: string;
  /** Filter by the canary's value. */
  readonly match: FilterResult;
  /** Filter by a value that the canary has in another attribute. Only sent if `match` found the canary. */
  readonly cross?: FilterResult;
  /** Filter by the value with the case of its letters swapped. */
  readonly otherCase?: FilterResult;
}

/** Whether filters on the attribute find the canary and do not search another attribute. */
export const isReliable = ({ match, cross }: LookupResult): boolean =>
  match.kind === 'found' && (cross === undefined || cross.kind === 'empty' || cross.kind === 'refused');

/** Waits until a filter finds a new resource, in milliseconds: a search index may lag behind. */
const indexWaitsMs = [500, 1500];

/** Detects which attributes a filter finds a canary by. @param stored the attributes as the target returns them */
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
  const { result: matches } = await session.poll(
    indexWaitsMs,
    async () => {
      const found: FilterResult[] = [];
      for (const { attribute, value } of texts) found.push(await lookUpBy(attribute, value));
      return found;
    },
    (filterResults) => filterResults.some(({ kind }) => kind === 'found'),
  );
  const results: LookupResult[] = [];
  for (const [index, { attribute, value }] of texts.entries()) {
    const match = matches[index];
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
    ...results.map((result) => finding(topic, describeLookup(result))),
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
  // filterOf would turn this path into a value path.
  const filter = attribute === 'emails.value' ? `emails.value eq ${JSON.stringify(value)}` : filterOf(attribute, value);
  return judgeFilter(await session.send({ method: 'GET', path: session.path(resourceType), query: { filter } }), id);
}

const swapCase = (text: string): string =>
  [...text].map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase())).join('');

/** One line about the look-up by an attribute, for the report. */
export function describeLookup({ attribute, match, cross, otherCase }: LookupResult): string {
  switch (match.kind) {
    case 'found': {
      if (cross !== undefined && cross.kind === 'found')
        return `${attribute}: ignored, the filter searches another attribute`;
      if (cross !== undefined && cross.kind === 'otherRows')
        return `${attribute}: finds the user, but returns ${cross.rows} rows for a value that no user has`;
      if (otherCase === undefined) return `${attribute}: supported`;
      return `${attribute}: supported, ${otherCase.kind === 'found' ? 'ignoring case' : 'case-sensitive'}`;
    }
    case 'empty':
      return `${attribute}: finds nothing, although the resource exists`;
    case 'refused':
      return `${attribute}: refused, ${match.detail}`;
    case 'otherRows':
      return `${attribute}: the filter is ignored, ${match.rows} ${match.rows === 1 ? 'other row' : 'rows'} returned`;
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
  // Matching compares the value in the returned row, so attributes that rows do not contain are unusable.
  const usable = candidates
    .filter(
      (attribute) =>
        reliable.includes(attribute) && (attribute.startsWith('emails') || stored[attribute] !== undefined),
    )
    .filter((attribute, index) => index === 0 || !attribute.startsWith('emails'));
  const isExternalIdStored = resourceType === 'User' && reliable.includes('externalId');
  if (usable.length === 0)
    return [undecided(topic, 'no attribute finds resources reliably: existing resources cannot be matched')];
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
  const summary = finding(topic, `existing resources are matched by ${usable.join(', then ')}`, settings);
  const isCaseExact =
    resourceType === 'User' &&
    results.some(({ attribute, otherCase }) => attribute === 'userName' && otherCase?.kind === 'empty');
  // Not if an earlier finding showed that the target changes the case of userName.
  const isCaseFolded = session.findings.all.some(
    ({ settings: decided }) => decided?.supports?.caseInsensitive?.includes('userName') === true,
  );
  if (!isCaseExact || isCaseFolded || !supports.caseInsensitive.includes('userName')) return [summary];
  return [
    summary,
    finding(topic, 'userName is case-sensitive', {
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
  return finding(topic, `a filter without match: ${describeUnusedName(response)}`);
}

/** One line about the look-up of a name that no user has, for the report. */
export function describeUnusedName(response: Response): string {
  if (decide(response) === 'notFound') return `answered ${response.status}`;
  const list = decide(response) === 'accept' ? parseListResponse(response) : undefined;
  if (list === undefined)
    return decide(response) === 'accept'
      ? `answered ${response.status}, but not with a ListResponse`
      : `refused, ${errorSummary(response)}`;
  return list.rows.length === 0 ? 'an empty list' : `${list.rows.length} rows, so the filter is ignored`;
}

/** Values for filters on the canary, as the target stores them. */
export function lookupValues(stored: FlatResource, sent: FlatResource): FlatResource {
  const paths = ['externalId', 'userName', workMail, 'displayName'];
  const values: Record<string, Json> = {};
  for (const path of paths) {
    // The target may store and search an attribute that it does not return.
    const value = stored[path] ?? (path === 'userName' || path === 'externalId' ? sent[path] : undefined);
    if (value !== undefined) values[path] = value;
  }
  const mail = stored[workMail];
  return mail === undefined ? values : { ...values, 'emails.value': mail };
}

/** Attributes by which the probe looks a user up. */
export const userLookupAttributes = ['externalId', 'userName', workMail, 'emails.value', 'displayName'];
/** The attributes of a group that identify it. */
export const readGroupNames = (body: unknown): FlatResource => fromScimJson(body, ['displayName', 'externalId']);
