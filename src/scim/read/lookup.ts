import type { RemoteId } from '../../model/ids.ts';
import { uniqueNameAttribute, type ResourceType } from '../../model/resource-type.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import { formatFilter, formatPath, pathOf } from '../../model/path.ts';
import type { Profile } from '../../model/profile.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import { getIgnoringCase, fromScimJson, toScimJson } from '../../model/scim-json.ts';
import { resourcePath, unusableId } from '../encode/urls.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { Transport } from '../transport/transport.ts';
import { parseResource } from '../judge/parse-resource.ts';
import { parseListResponse } from './list-response.ts';
import type { HttpResult, Response } from '../transport/message.ts';
import { isHtml } from '../judge/error-body.ts';
import { decide, describeResult } from '../judge/judge-response.ts';

/** The result of a look-up: whether an account exists. */
export type Lookup =
  /** Exactly one account has the requested value. `by`: the attribute by which it was found. */
  | { readonly kind: 'found'; readonly resource: RemoteResource; readonly by: string }
  /**
   * No account has the value. `status`: of a search that was answered 404 and not with a list. That is enough before a
   * create, but does not prove that an account is missing.
   */
  | { readonly kind: 'none'; readonly status?: number }
  /** More than one account has the value; scimsync does not guess which one is meant. */
  | {
      readonly kind: 'ambiguous';
      readonly detail: string;
      readonly resources: readonly RemoteResource[];
      readonly by: string;
    }
  /** The target ignores or refuses the filter, so its response proves nothing. */
  | { readonly kind: 'untrusted'; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly detail: string };

/** The account to look up: its values, and the paths to read from it. */
export interface LookupRequest {
  readonly resourceType: ResourceType;
  readonly body: FlatResource;
  readonly paths: readonly string[];
}

/**
 * Looks an account up by attributes, one after the other, until one of them finds it.
 *
 * @param attributes by default the match attributes of the profile
 */
export async function find(
  transport: Transport,
  profile: Profile,
  request: LookupRequest,
  execution: OperationExecution,
  attributes = matchAttributes(profile, request.resourceType),
): Promise<Lookup> {
  const { resourceType, body } = request;
  const expected = toScimJson(resourceType, body);
  let lastResult: Lookup = {
    kind: 'untrusted',
    detail: 'it has no value in any attribute that accounts are matched by',
  };
  for (const attribute of attributes) {
    const [value] = valuesAt(expected, attribute);
    if (value === undefined || value === null || Array.isArray(value)) continue;
    const result = await transport.sendWithRetry(
      { method: 'GET', path: resourcePath(resourceType), query: { filter: filterOf(attribute, value) } },
      execution,
    );
    const lookup = judgeLookup(result, attribute, value, request, profile.supports.caseInsensitive);
    if (lookup.kind !== 'none' && lookup.kind !== 'untrusted') return lookup;
    // A reliable result replaces an untrusted one. But `none` for an externalId proves nothing where the target does
    // not persist it, so the result for the unique name replaces it.
    if (lastResult.kind === 'untrusted' || attribute === uniqueNameAttribute(resourceType)) lastResult = lookup;
  }
  return lastResult;
}

/** The attributes by which an account of this type is looked up, in this order. */
export const matchAttributes = ({ protocol }: Profile, resourceType: ResourceType): readonly string[] =>
  resourceType === 'User' ? protocol.matchUsers : protocol.matchGroups;

/**
 * The look-ups that show whether a target has an account. A target may not persist the externalId, and then a search by
 * it finds nothing: the unique name is looked up as well where the profile does not name it. If the target does not
 * allow that, the attributes of the profile decide.
 */
export async function findByAny(
  transport: Transport,
  profile: Profile,
  request: LookupRequest,
  execution: OperationExecution,
): Promise<Lookup> {
  const lookup = await find(transport, profile, request, execution);
  const name = uniqueNameAttribute(request.resourceType);
  if (lookup.kind !== 'none' || matchAttributes(profile, request.resourceType).includes(name)) return lookup;
  const byName = await find(transport, profile, request, execution, [name]);
  return byName.kind === 'untrusted' || byName.kind === 'unavailable' ? lookup : byName;
}

/**
 * Builds a filter (RFC 7644 section 3.4.2.2). The value of a filtered element goes inside its brackets: `emails[type eq
 * "work" and value eq "…"]`.
 */
export function filterOf(attribute: string, value: Json): string {
  const path = pathOf(attribute);
  const { filter, subAttribute, ...rest } = path;
  if (filter === undefined) return `${formatPath(path)} eq ${JSON.stringify(value)}`;
  return `${formatPath(rest)}[${formatFilter(filter)} and ${subAttribute ?? 'value'} eq ${JSON.stringify(value)}]`;
}

/** Judges the response to a filter. Only returned resources that have the value count. */
export function judgeLookup(
  result: HttpResult,
  attribute: string,
  value: Json,
  request: LookupRequest,
  caseInsensitive: readonly string[],
): Lookup {
  const filterText = `${attribute} ${JSON.stringify(value)}`;
  if (result.kind !== 'response') return { kind: 'unavailable', detail: describeResult(result) };
  switch (decide(result)) {
    case 'accept':
      return judgeRows(result, attribute, value, filterText, request, caseInsensitive);
    case 'notFound':
      // Some applications answer 404 instead of an empty list. No application means that by 410.
      return isHtml(result) || result.status !== 404
        ? { kind: 'unavailable', detail: describeResult(result) }
        : { kind: 'none', status: result.status };
    case 'retry':
    case 'rateLimited':
    case 'denied':
      return { kind: 'unavailable', detail: describeResult(result) };
    default:
      return {
        kind: 'untrusted',
        detail: `this target does not let us look up ${filterText}: ${describeResult(result)}`,
      };
  }
}

function judgeRows(
  response: Response,
  attribute: string,
  value: Json,
  filterText: string,
  { paths }: LookupRequest,
  caseInsensitive: readonly string[],
): Lookup {
  const list = parseListResponse(response);
  if (list === undefined)
    return {
      kind: 'untrusted',
      detail: `looking up ${filterText} was answered ${response.status}, but not with a list`,
    };
  if (list.rows.length === 0) {
    const isEmpty = list.total === undefined || list.total === 0;
    return isEmpty
      ? { kind: 'none' }
      : {
          kind: 'untrusted',
          detail: `looking up ${filterText} returned totalResults ${list.total} without any resource`,
        };
  }
  const fold = attribute === 'userName' || caseInsensitive.some((path) => coversPath(path, attribute));
  const matching = new Map<RemoteId, RemoteResource>();
  let problem: string | undefined;
  for (const row of list.rows) {
    if (!valuesAt(row, attribute).some((actual) => isSame(actual, value, fold))) continue;
    const resource = parseResource(row, paths);
    if (resource !== undefined) matching.set(resource.remoteId, resource);
    else problem = unusableId(getIgnoringCase(row, 'id')) ?? 'it has no id';
  }
  const [first] = matching.values();
  if (first === undefined) {
    if (problem !== undefined)
      return { kind: 'unavailable', detail: `the look-up of ${filterText} returned an account, but ${problem}` };
    const isOtherCase = list.rows.some((row) => valuesAt(row, attribute).some((one) => isSame(one, value, true)));
    return { kind: 'untrusted', detail: describeOtherRows(filterText, attribute, isOtherCase) };
  }
  if (matching.size > 1)
    return {
      kind: 'ambiguous',
      resources: [...matching.values()],
      by: attribute,
      detail:
        `${matching.size} accounts at the target have ${filterText} (ids ${namedIds([...matching.keys()])}), ` +
        'and it is not known which one is meant: ' +
        'change the others there',
    };
  return { kind: 'found', resource: first, by: attribute };
}

const describeOtherRows = (filterText: string, attribute: string, isOtherCase: boolean): string =>
  isOtherCase
    ? `the look-up of ${filterText} returned an account whose ${attribute} differs in upper and lower case only: ` +
      'correct the value, or add the attribute to "caseInsensitive"'
    : `this target ignores the filter: the look-up of ${filterText} returned other accounts`;

const maxNamedIds = 5;

/** Example: `7, 9` */
const namedIds = (ids: readonly RemoteId[]): string =>
  `${ids.slice(0, maxNamedIds).join(', ')}${ids.length > maxNamedIds ? ', …' : ''}`;

/**
 * The values at a path of a resource. A path without a filter into a list, such as `emails.value`, selects the value of
 * each element.
 */
function valuesAt(resource: unknown, attribute: string): readonly (Json | undefined)[] {
  const { schema, filter, attribute: name, subAttribute } = pathOf(attribute);
  const list =
    subAttribute === undefined || filter !== undefined || schema !== undefined
      ? undefined
      : getIgnoringCase(resource, name);
  if (subAttribute === undefined || !Array.isArray(list)) return [fromScimJson(resource, [attribute])[attribute]];
  return list.map((element) => fromScimJson(element, [subAttribute])[subAttribute]);
}

/**
 * Whether a path covers another one: `emails` covers all sub-attributes of each element, `emails.value` the value of
 * each element.
 */
function coversPath(one: string, other: string): boolean {
  const [a, b] = [pathOf(one), pathOf(other)];
  if (
    a.schema !== b.schema ||
    a.attribute !== b.attribute ||
    (a.subAttribute !== undefined && a.subAttribute !== b.subAttribute)
  )
    return false;
  return a.filter === undefined || b.filter === undefined || formatFilter(a.filter) === formatFilter(b.filter);
}

function isSame(actual: Json | undefined, expected: Json, fold: boolean): boolean {
  if (actual === undefined || typeof actual === 'object' || typeof expected === 'object') return false;
  const [a, b] = [String(actual), String(expected)];
  return fold ? a.toLowerCase() === b.toLowerCase() : a === b;
}
