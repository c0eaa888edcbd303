import type { Edit } from '../../model/operation.ts';
import {
  formatFilter,
  formatPath,
  managerPath,
  pathOf,
  type AttributePath,
  type FilterCondition,
} from '../../model/path.ts';
import type { Protocol } from '../../model/profile.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import { elementFromFilter, isBlank, getIgnoringCase, toScimJson, type JsonObject } from '../../model/scim-json.ts';
import { mergeEdits } from './merge-for-put.ts';

/** The schema of a PATCH message (RFC 7644 section 3.5.2). */
export const patchOpSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/**
 * One operation of a PATCH (RFC 7644 section 3.5.2). `op` is in lower case, since some servers ignore "Add" and respond
 * with 200.
 */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly value?: Json | JsonObject | readonly JsonObject[];
}

type PatchStyle = Pick<Protocol, 'valuePaths' | 'manager'>;

type FilteredPath = AttributePath & { readonly filter: readonly FilterCondition[] };

interface ElementEdits {
  readonly path: FilteredPath;
  readonly edits: Edit[];
}

/**
 * The fewest operations that turn `before` into `after`, where `edits` are their differences.
 *
 *     value → other value   replace path    sub-attributes of a new element   add emails [{type, value, …}]
 *     nothing → value       add path        all of one element is removed     remove emails[type eq "work"]
 *     value → nothing       remove path
 *
 * If a target supports no paths with a filter, the whole attribute is replaced, including its other current values
 * where `currentResource` is given.
 *
 * @param currentResource the current resource at the target
 */
export function toPatch(
  edits: readonly Edit[],
  before: FlatResource,
  after: FlatResource,
  { valuePaths, manager }: PatchStyle,
  currentResource?: object,
): readonly PatchOperation[] {
  const operations: PatchOperation[] = [];
  const elements = new Map<string, ElementEdits>();
  for (const edit of edits) {
    const path = pathOf(edit.path);
    if (!isFiltered(path)) {
      operations.push(
        simpleOperation(
          edit.path === managerPath ? managerPathOf(path) : formatPath(path),
          edit,
          managerValue(edit, manager),
        ),
      );
      continue;
    }
    const name = valuePaths ? elementPath(path) : attributePath(path);
    const element = elements.get(name) ?? { path, edits: [] };
    element.edits.push(edit);
    elements.set(name, element);
  }
  for (const element of elements.values())
    operations.push(
      ...(valuePaths
        ? elementOperations(element, before, after)
        : attributeOperations(element, after, currentResource)),
    );
  return operations;
}

/** The values before the edits, as far as the edits contain them. */
export function beforeEdits(edits: readonly Edit[], after: FlatResource): FlatResource {
  const before: Record<string, Json> = { ...after };
  for (const { path, from } of edits) {
    if (from === null) delete before[path];
    else before[path] = from;
  }
  return before;
}

function simpleOperation(path: string, { from, to }: Edit, value: Json): PatchOperation {
  if (to === null) return { op: 'remove', path };
  return { op: from === null ? 'add' : 'replace', path, value };
}

/**
 * A reference is sent as the whole complex attribute: not all servers that support `manager` accept `manager.value` as
 * a path.
 */
const managerPathOf = ({ subAttribute: _, ...path }: AttributePath): string => formatPath(path);
const managerValue = ({ path, to }: Edit, form: Protocol['manager']): Json =>
  path === managerPath && to !== null && form === 'reference' ? { value: to } : to;

function elementOperations(
  { path, edits }: ElementEdits,
  before: FlatResource,
  after: FlatResource,
): readonly PatchOperation[] {
  const isOfElement = (text: string): boolean => {
    const other = pathOf(text);
    return isFiltered(other) && elementPath(other) === elementPath(path);
  };
  const remaining = Object.keys(after).filter(isOfElement);
  if (remaining.length === 0) return [{ op: 'remove', path: elementPath(path) }];
  if (!Object.keys(before).some(isOfElement)) {
    const element: JsonObject = elementFromFilter(path.filter);
    for (const text of remaining) element[pathOf(text).subAttribute ?? 'value'] = after[text] ?? null;
    return [{ op: 'add', path: attributePath(path), value: [element] }];
  }
  return edits.map((edit) => simpleOperation(formatPath(pathOf(edit.path)), edit, edit.to));
}

function attributeOperations(
  { path, edits }: ElementEdits,
  after: FlatResource,
  currentResource: object | undefined,
): readonly PatchOperation[] {
  const name = attributePath(path);
  const attributeValues = Object.entries(after).filter(([text]) => attributePath(pathOf(text)) === name);
  const resource =
    currentResource === undefined
      ? toScimJson('User', Object.fromEntries(attributeValues))
      : mergeEdits('User', currentResource, edits);
  const list = getIgnoringCase(
    path.schema === undefined ? resource : getIgnoringCase(resource, path.schema),
    path.attribute,
  );
  return isBlank(list) ? [{ op: 'remove', path: name }] : [{ op: 'replace', path: name, value: list as Json }];
}

const isFiltered = (path: AttributePath): path is FilteredPath => path.filter !== undefined;
const attributePath = ({ schema, attribute }: AttributePath): string =>
  formatPath({ ...(schema === undefined ? {} : { schema }), attribute });
const elementPath = (path: FilteredPath): string => `${attributePath(path)}[${formatFilter(path.filter)}]`;
