import type { RemoteId } from '../model/ids.ts';
import { namePath, type Kind } from '../model/kind.ts';
import type { Found } from '../model/outcome.ts';
import { formatFilter, formatPath, pathOf } from '../model/path.ts';
import type { Profile } from '../model/profile.ts';
import type { Body, Json } from '../model/resource.ts';
import { member, readBody, toResource } from '../model/shape.ts';
import { resourcePath } from './address.ts';
import type { Effort, Owner } from './addressed.ts';
import type { Exchange } from './exchange.ts';
import { toFound } from './found.ts';
import { readList } from './list-response.ts';
import type { Answer, Reply } from './message.ts';
import { decide, explain } from './response.ts';

/** Whether an account is there. */
export type Lookup =
  /** Exactly one, and the returned row bears the value that was asked for. `by`: the attribute that it was found by. */
  | { readonly kind: 'found'; readonly found: Found; readonly by: string }
  | { readonly kind: 'none' }
  /** More than one: which of them is meant must not be guessed. */
  | { readonly kind: 'ambiguous'; readonly detail: string }
  /** The target ignores or refuses the filter, so its answer proves nothing. */
  | { readonly kind: 'untrusted'; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly detail: string };

export interface LookupQuestion {
  readonly kind: Kind;
  readonly body: Body;
  readonly paths: readonly string[];
  readonly owner?: Owner | undefined;
}

/** Looks an account up by the profile's match attributes, one after the other, until one of them finds it. */
export async function find(
  exchange: Exchange,
  profile: Profile,
  question: LookupQuestion,
  effort: Effort,
): Promise<Lookup> {
  const { kind, body } = question;
  const wanted = toResource(kind, body);
  let last: Lookup = { kind: 'untrusted', detail: 'it has no value in any attribute that accounts are matched by' };
  for (const attribute of kind === 'User' ? profile.speaks.matchUsers : profile.speaks.matchGroups) {
    const [value] = valuesAt(wanted, attribute);
    if (value === undefined || value === null || Array.isArray(value)) continue;
    const answer = await exchange.insist(
      { method: 'GET', path: resourcePath(kind), query: { filter: filterOf(attribute, value) } },
      effort,
    );
    const lookup = judge(answer, attribute, value, question, profile.holds.foldsCase);
    if (lookup.kind !== 'none' && lookup.kind !== 'untrusted') return lookup;
    // An attribute that answers reliably outweighs one that the target cannot filter by; but nobody by an externalId proves nothing where externalIds are not kept.
    if (last.kind === 'untrusted' || attribute === namePath(kind)) last = lookup;
  }
  return last;
}

/** RFC 7644 section 3.4.2.2. A value in a filtered element is asked for inside its brackets: `emails[type eq "work" and value eq "…"]`. */
export function filterOf(attribute: string, value: Json): string {
  const path = pathOf(attribute);
  const { filter, sub, ...rest } = path;
  if (filter === undefined) return `${formatPath(path)} eq ${JSON.stringify(value)}`;
  return `${formatPath(rest)}[${formatFilter(filter)} and ${sub ?? 'value'} eq ${JSON.stringify(value)}]`;
}

/** What the answer to a filter proves: only rows that bear the value count, whatever else was returned. */
export function judge(
  answer: Answer,
  attribute: string,
  value: Json,
  question: LookupQuestion,
  foldsCase: readonly string[],
): Lookup {
  const asked = `${attribute} ${JSON.stringify(value)}`;
  if (answer.kind !== 'reply') return { kind: 'unavailable', detail: explain(answer) };
  switch (decide(answer)) {
    case 'accept':
      return judgeRows(answer, attribute, value, asked, question, foldsCase);
    case 'missing':
      return { kind: 'none' };
    case 'again':
    case 'wait':
    case 'denied':
      return { kind: 'unavailable', detail: explain(answer) };
    default:
      return { kind: 'untrusted', detail: `this target does not let us look up ${asked}: ${explain(answer)}` };
  }
}

function judgeRows(
  reply: Reply,
  attribute: string,
  value: Json,
  asked: string,
  { paths, owner }: LookupQuestion,
  foldsCase: readonly string[],
): Lookup {
  const list = readList(reply);
  if (list === undefined)
    return { kind: 'untrusted', detail: `looking up ${asked} was answered ${reply.status}, but not with a list` };
  if (list.rows.length === 0) {
    const isEmpty = list.total === undefined || list.total === 0;
    return isEmpty
      ? { kind: 'none' }
      : { kind: 'untrusted', detail: `looking up ${asked} gave ${list.total} results and none of them` };
  }
  const fold = attribute === 'userName' || foldsCase.some((path) => meets(path, attribute));
  const matching = new Map<RemoteId, Found>();
  for (const row of list.rows) {
    if (!valuesAt(row, attribute).some((actual) => isSame(actual, value, fold))) continue;
    const found = toFound(row, paths, owner);
    if (found !== undefined) matching.set(found.remoteId, found);
  }
  const [first] = matching.values();
  if (first === undefined)
    return {
      kind: 'untrusted',
      detail: `this target ignores the filter: it was asked for ${asked} and answered with somebody else`,
    };
  if (matching.size > 1)
    return {
      kind: 'ambiguous',
      detail: `${matching.size} accounts there have ${asked}; which of them is meant cannot be guessed: make them differ there`,
    };
  return { kind: 'found', found: first, by: attribute };
}

/** What stands there in a resource. A path that leads into a list without saying into which element, such as `emails.value`, means each of them. */
function valuesAt(resource: unknown, attribute: string): readonly (Json | undefined)[] {
  const { schema, filter, attribute: name, sub } = pathOf(attribute);
  const list = sub === undefined || filter !== undefined || schema !== undefined ? undefined : member(resource, name);
  if (sub === undefined || !Array.isArray(list)) return [readBody(resource, [attribute])[attribute]];
  return list.map((element) => readBody(element, [sub])[sub]);
}

/** Whether what is said of one path holds at another: `emails` is all of each address, and `emails.value` any of them. */
function meets(one: string, other: string): boolean {
  const [a, b] = [pathOf(one), pathOf(other)];
  if (a.schema !== b.schema || a.attribute !== b.attribute || (a.sub !== undefined && a.sub !== b.sub)) return false;
  return a.filter === undefined || b.filter === undefined || formatFilter(a.filter) === formatFilter(b.filter);
}

function isSame(actual: Json | undefined, wanted: Json, fold: boolean): boolean {
  if (actual === undefined || typeof actual === 'object' || typeof wanted === 'object') return false;
  const [a, b] = [String(actual), String(wanted)];
  return fold ? a.toLowerCase() === b.toLowerCase() : a === b;
}
