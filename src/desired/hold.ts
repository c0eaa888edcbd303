import type { Kind } from '../model/kind.ts';
import { formatFilter, pathOf } from '../model/path.ts';
import type { Holds, ListRule, ValueRule } from '../model/profile.ts';
import type { Body, Json } from '../model/resource.ts';
import { readBody, toResource } from '../model/shape.ts';

/** Brings a resource into the form that an application takes, or says why it would not take it. */
export type Hold = (body: Body) => { readonly body: Body } | { readonly fault: string };

type Element = { readonly [name: string]: Json };

/**
 * What an application can hold of one kind, compiled. Refused here, a person costs no request and no riddle: the sentence names the rule.
 * @param order the paths of the mapping; of several elements that could be the primary one, the first to be called so is it
 * @throws SyntaxError where `refuses` is no regular expression
 */
export function holdOf(
  kind: Kind,
  holds: Pick<Holds, 'values' | 'lists' | 'needs'>,
  order: readonly string[] = [],
): Hold {
  if (kind === 'Group') return (body) => ({ body });
  const values = Object.entries(holds.values).map(([path, rule]) => ({
    path,
    rule,
    refuses: rule.refuses === undefined ? undefined : new RegExp(rule.refuses, 'u'),
  }));
  const lists = Object.entries(holds.lists);
  if (values.length + lists.length + holds.needs.length === 0) return (body) => ({ body });
  return (body) => {
    const held: Record<string, Json> = { ...body };
    for (const { path, rule, refuses } of values) {
      const value = held[path];
      if (typeof value !== 'string') continue;
      const fault = faultOf(path, value, rule, refuses);
      if (fault !== undefined) return { fault };
      if (rule.lowerCase === true) held[path] = value.toLowerCase();
    }
    for (const [attribute, rule] of lists) fitList(held, attribute, rule, order);
    const missing = missingIn(kind, held, holds.needs);
    return missing === undefined
      ? { body: held }
      : { fault: `has no ${missing}, and this application takes nobody without it` };
  };
}

/** The first of the paths at which nothing stands. */
function missingIn(kind: Kind, body: Body, needs: readonly string[]): string | undefined {
  if (needs.length === 0) return undefined;
  const there = readBody(toResource(kind, body), needs);
  return needs.find((path) => there[path] === undefined);
}

function faultOf(path: string, value: string, { longest }: ValueRule, refuses: RegExp | undefined): string | undefined {
  if (longest !== undefined && [...value].length > longest)
    return `${path} ${JSON.stringify(value)} has more than the ${longest} characters that this application takes`;
  if (refuses?.test(value) === true)
    return `${path} ${JSON.stringify(value)} holds what this application refuses (${refuses.source})`;
  return undefined;
}

/** A list stands in a body as a whole, or as paths into single elements. */
function fitList(body: Record<string, Json>, attribute: string, rule: ListRule, order: readonly string[]): void {
  const whole = body[attribute];
  if (Array.isArray(whole)) {
    body[attribute] = fitted(whole as readonly Json[], rule);
    return;
  }
  const elements = new Map<string, string[]>();
  for (const text of Object.keys(body)) {
    const { schema, attribute: name, filter } = pathOf(text);
    if (schema !== undefined || name !== attribute || filter === undefined) continue;
    const element = `${attribute}[${formatFilter(filter)}]`;
    elements.set(element, [...(elements.get(element) ?? []), text]);
  }
  const isPrimary = (element: string): boolean => body[`${element}.primary`] === true;
  const ordered = [...elements.keys()].sort(
    (one, other) => Number(isPrimary(other)) - Number(isPrimary(one)) || placeOf(one, order) - placeOf(other, order),
  );
  const most = rule.most ?? ordered.length;
  for (const element of ordered.slice(most)) for (const path of elements.get(element) ?? []) delete body[path];
  if (rule.primary !== true) return;
  for (const [at, element] of ordered.slice(0, most).entries()) {
    if (at === 0) body[`${element}.primary`] = true;
    else delete body[`${element}.primary`];
  }
}

/** Where a mapping calls an element the primary one, or else names it first. */
function placeOf(element: string, order: readonly string[]): number {
  const primary = order.indexOf(`${element}.primary`);
  return primary === -1 ? order.findIndex((path) => path.startsWith(`${element}.`)) : primary;
}

function fitted(list: readonly Json[], { most, primary, parts }: ListRule): readonly Json[] {
  const elements = list.filter(isElement);
  const isPrimary = (element: Element): boolean => element['primary'] === true;
  const ordered = [...elements]
    .sort((one, other) => Number(isPrimary(other)) - Number(isPrimary(one)))
    .slice(0, most ?? elements.length);
  return ordered.map((element, at) => {
    const marked = primary === true ? { ...element, primary: at === 0 } : element;
    if (marked !== element && at > 0) delete (marked as Record<string, Json>)['primary'];
    return parts === undefined
      ? marked
      : Object.fromEntries(Object.entries(marked).filter(([name]) => parts.includes(name)));
  });
}

const isElement = (value: Json): value is Element =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
