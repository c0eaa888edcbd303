import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../../model/resource.ts';
import { validateElement, validateValue } from '../resources/validate-resource.ts';
import { isComplex, withMember, type Complex } from '../resources/resource.ts';
import { badRequest } from '../http/scim-error.ts';
import type { PatchOptions } from '../server-options.ts';
import type { AttributeDefinition } from '../schema/definition.ts';
import type { PatchEdit } from './edits.ts';
import { changeSelected } from './elements.ts';
import { merge, setSub } from './merge.ts';
import { enforceSinglePrimary, union } from './values.ts';

/**
 * Applies all edits or none; the input is not modified. Returns the same object if nothing changes, so that
 * `meta.lastModified` stays (RFC 7644 section 3.5.2.1).
 * @throws ScimError 400 invalidValue, invalidPath, noTarget or mutability
 */
export function applyEdits(attributes: Complex, edits: readonly PatchEdit[], options: PatchOptions): Complex {
  return edits.reduce((current, edit) => applyEdit(current, edit, options), attributes);
}

function applyEdit(attributes: Complex, edit: PatchEdit, options: PatchOptions): Complex {
  const { extension, attribute } = edit.location;
  if (extension === undefined) return assign(attributes, attribute, edit, options);
  const before = attributes[extension];
  const container = isComplex(before) ? before : {};
  const after = assign(container, attribute, edit, options);
  if (after === container) return attributes;
  return withMember(attributes, extension, Object.keys(after).length === 0 ? undefined : after);
}

function assign(container: Complex, attribute: AttributeDefinition, edit: PatchEdit, options: PatchOptions): Complex {
  const before = container[attribute.name];
  const after = changedValue(before, attribute, edit, options);
  if (attribute.required && after === undefined && before !== undefined) {
    throw badRequest('mutability', `${attribute.name} is required and cannot be removed (RFC 7644 section 3.5.2.2).`);
  }
  return isDeepStrictEqual(before, after) ? container : withMember(container, attribute.name, after);
}

function changedValue(
  before: Json | undefined,
  attribute: AttributeDefinition,
  edit: PatchEdit,
  options: PatchOptions,
): Json | undefined {
  const { sub } = edit.location;
  if (edit.filter !== undefined) {
    return changeSelected(Array.isArray(before) ? before : [], attribute, { ...edit, filter: edit.filter }, options);
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
      options.strictSchema,
    );
    return Object.keys(after).length === 0 ? undefined : after;
  }
  return edit.op === 'remove'
    ? undefined
    : changedAttribute(before, attribute, edit.op, edit.value, options.strictSchema);
}

function changedAttribute(
  before: Json | undefined,
  attribute: AttributeDefinition,
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
  const accepted = validateValue(attribute, value, strict);
  return attribute.returned === 'never' ? undefined : accepted;
}

function changedValues(
  before: readonly Json[],
  attribute: AttributeDefinition,
  op: 'add' | 'replace',
  value: Json,
  strict: boolean,
): Json | undefined {
  const elements: readonly Json[] = Array.isArray(value) ? value : [value];
  const accepted = elements.map((element) => validateElement(attribute, element, strict));
  const after = union(attribute, op === 'add' ? before : [], accepted);
  const values = enforceSinglePrimary(attribute, op === 'add' ? before : [], after);
  return values.length === 0 ? undefined : values;
}
