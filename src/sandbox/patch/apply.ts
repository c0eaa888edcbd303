import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../../model/resource.ts';
import { acceptOneOf, acceptValue } from '../accept.ts';
import { isComplex, withMember, type Complex } from '../resource.ts';
import { badRequest } from '../scim-error.ts';
import type { PatchRules } from '../rules.ts';
import type { Definition } from '../schema/definition.ts';
import type { PatchEdit } from './edits.ts';
import { changeSelected } from './elements.ts';
import { merge, setSub } from './merge.ts';
import { settlePrimary, union } from './values.ts';

/**
 * The attributes after all edits, or none of them: nothing is changed in place.
 * The very same object when nothing changed, so that `meta.lastModified` stays (RFC 7644 section 3.5.2.1).
 * @throws ScimError 400 invalidValue, invalidPath, noTarget or mutability
 */
export function applyEdits(attributes: Complex, edits: readonly PatchEdit[], rules: PatchRules): Complex {
  return edits.reduce((current, edit) => applyEdit(current, edit, rules), attributes);
}

function applyEdit(attributes: Complex, edit: PatchEdit, rules: PatchRules): Complex {
  const { extension, attribute } = edit.location;
  if (extension === undefined) return assign(attributes, attribute, edit, rules);
  const before = attributes[extension];
  const container = isComplex(before) ? before : {};
  const after = assign(container, attribute, edit, rules);
  if (after === container) return attributes;
  return withMember(attributes, extension, Object.keys(after).length === 0 ? undefined : after);
}

function assign(container: Complex, attribute: Definition, edit: PatchEdit, rules: PatchRules): Complex {
  const before = container[attribute.name];
  const after = changed(before, attribute, edit, rules);
  if (attribute.required && after === undefined && before !== undefined) {
    throw badRequest('mutability', `${attribute.name} is required and cannot be removed (RFC 7644 section 3.5.2.2).`);
  }
  return isDeepStrictEqual(before, after) ? container : withMember(container, attribute.name, after);
}

function changed(
  before: Json | undefined,
  attribute: Definition,
  edit: PatchEdit,
  rules: PatchRules,
): Json | undefined {
  const { sub } = edit.location;
  if (edit.filter !== undefined) {
    return changeSelected(Array.isArray(before) ? before : [], attribute, { ...edit, filter: edit.filter }, rules);
  }
  if (sub !== undefined) {
    if (attribute.multiValued) {
      throw badRequest(
        'invalidPath',
        `${attribute.name} is multi-valued: select the values to change, as in ${attribute.name}[…].${sub.name}.`,
      );
    }
    const after = setSub(
      isComplex(before) ? before : {},
      attribute,
      sub,
      edit.op === 'remove' ? null : edit.value,
      rules.strictSchema,
    );
    return Object.keys(after).length === 0 ? undefined : after;
  }
  return edit.op === 'remove' ? undefined : changedWhole(before, attribute, edit.op, edit.value, rules.strictSchema);
}

function changedWhole(
  before: Json | undefined,
  attribute: Definition,
  op: 'add' | 'replace',
  value: Json,
  strict: boolean,
): Json | undefined {
  if (value === null) return op === 'add' ? before : undefined;
  if (attribute.multiValued) return changedValues(Array.isArray(before) ? before : [], attribute, op, value, strict);
  if (attribute.subAttributes !== undefined) {
    const after = merge(isComplex(before) ? before : {}, attribute, value, strict);
    return Object.keys(after).length === 0 ? undefined : after;
  }
  const accepted = acceptValue(attribute, value, strict);
  return attribute.returned === 'never' ? undefined : accepted;
}

function changedValues(
  before: readonly Json[],
  attribute: Definition,
  op: 'add' | 'replace',
  value: Json,
  strict: boolean,
): Json | undefined {
  const given: readonly Json[] = Array.isArray(value) ? value : [value];
  const accepted = given.map((element) => acceptOneOf(attribute, element, strict));
  const after = union(attribute, op === 'add' ? before : [], accepted);
  const settled = settlePrimary(attribute, op === 'add' ? before : [], after);
  return settled.length === 0 ? undefined : settled;
}
