import type { Edit } from '../model/operation.ts';
import { formatFilter, formatPath, managerPath, pathOf, type AttributePath, type Selector } from '../model/path.ts';
import type { Speaks } from '../model/profile.ts';
import type { Body, Json } from '../model/resource.ts';
import { elementOf, isBlank, member, toResource, type Nested } from '../model/shape.ts';
import { overlay } from './overlay.ts';

export const patchOpSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** One operation of a PATCH (RFC 7644 section 3.5.2). In lower case, since some servers ignore "Add" and answer 200. */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly value?: Json | Nested | readonly Nested[];
}

type PatchWords = Pick<Speaks, 'valuePaths' | 'manager'>;

type FilteredPath = AttributePath & { readonly filter: readonly Selector[] };

interface Element {
  readonly path: FilteredPath;
  readonly edits: Edit[];
}

/**
 * The fewest operations that turn `before` into `after`, where `edits` are their differences.
 *
 *     there → other        replace path          {sub-attributes of one element that is not there yet}  add emails [{type, value, …}]
 *     nothing → something  add path              {all of one element goes}                              remove emails[type eq "work"]
 *     something → nothing  remove path
 *
 * Where a target knows no paths into elements, the attribute is replaced as a whole, with what else is there where that was read.
 *
 * @param shown the resource as the target shows it
 */
export function toPatch(
  edits: readonly Edit[],
  before: Body,
  after: Body,
  { valuePaths, manager }: PatchWords,
  shown?: object,
): readonly PatchOperation[] {
  const operations: PatchOperation[] = [];
  const elements = new Map<string, Element>();
  for (const edit of edits) {
    const path = pathOf(edit.path);
    if (!isFiltered(path)) {
      operations.push(
        plain(edit.path === managerPath ? managerReference(path) : formatPath(path), edit, managerValue(edit, manager)),
      );
      continue;
    }
    const name = valuePaths ? elementPath(path) : attributePath(path);
    const element = elements.get(name) ?? { path, edits: [] };
    element.edits.push(edit);
    elements.set(name, element);
  }
  for (const element of elements.values())
    operations.push(...(valuePaths ? ofElement(element, before, after) : ofAttribute(element, after, shown)));
  return operations;
}

/** What was there, as far as the edits say it. */
export function beforeEdits(edits: readonly Edit[], after: Body): Body {
  const before: Record<string, Json> = { ...after };
  for (const { path, from } of edits) {
    if (from === null) delete before[path];
    else before[path] = from;
  }
  return before;
}

function plain(path: string, { from, to }: Edit, value: Json): PatchOperation {
  if (to === null) return { op: 'remove', path };
  return { op: from === null ? 'add' : 'replace', path, value };
}

/** A reference is written as the whole complex attribute: servers that know `manager` do not all know `manager.value` as a path. */
const managerReference = ({ sub: _, ...path }: AttributePath): string => formatPath(path);
const managerValue = ({ path, to }: Edit, form: Speaks['manager']): Json =>
  path === managerPath && to !== null && form === 'reference' ? { value: to } : to;

function ofElement({ path, edits }: Element, before: Body, after: Body): readonly PatchOperation[] {
  const isOfElement = (text: string): boolean => {
    const other = pathOf(text);
    return isFiltered(other) && elementPath(other) === elementPath(path);
  };
  const remaining = Object.keys(after).filter(isOfElement);
  if (remaining.length === 0) return [{ op: 'remove', path: elementPath(path) }];
  if (!Object.keys(before).some(isOfElement)) {
    const element: Nested = elementOf(path.filter);
    for (const text of remaining) element[pathOf(text).sub ?? 'value'] = after[text] ?? null;
    return [{ op: 'add', path: attributePath(path), value: [element] }];
  }
  return edits.map((edit) => plain(formatPath(pathOf(edit.path)), edit, edit.to));
}

function ofAttribute({ path, edits }: Element, after: Body, shown: object | undefined): readonly PatchOperation[] {
  const name = attributePath(path);
  const same = Object.entries(after).filter(([text]) => attributePath(pathOf(text)) === name);
  const resource = shown === undefined ? toResource('User', Object.fromEntries(same)) : overlay('User', shown, edits);
  const list = member(path.schema === undefined ? resource : member(resource, path.schema), path.attribute);
  return isBlank(list) ? [{ op: 'remove', path: name }] : [{ op: 'replace', path: name, value: list as Json }];
}

const isFiltered = (path: AttributePath): path is FilteredPath => path.filter !== undefined;
const attributePath = ({ schema, attribute }: AttributePath): string =>
  formatPath({ ...(schema === undefined ? {} : { schema }), attribute });
const elementPath = (path: FilteredPath): string => `${attributePath(path)}[${formatFilter(path.filter)}]`;
