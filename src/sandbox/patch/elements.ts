import type { Json } from '../../model/resource.ts';
import { validateElement } from '../resources/validate-resource.ts';
import { equalities } from '../filter/equalities.ts';
import type { Filter } from '../filter/filter.ts';
import { predicate, type Predicate } from '../filter/matches.ts';
import { isComplex, type Complex } from '../resources/resource.ts';
import type { PatchOptions } from '../server-options.ts';
import { badRequest } from '../http/scim-error.ts';
import type { AttributeDefinition } from '../schema/definition.ts';
import type { PatchEdit } from './edits.ts';
import { merge, setSub } from './merge.ts';
import { isKeyedByValue, enforceSinglePrimary } from './values.ts';

/**
 * Changes the values that a value path selects.
 * @throws ScimError 400 noTarget if the filter selects no value (RFC 7644 section 3.12)
 */
export function changeSelected(
  before: readonly Json[],
  attribute: AttributeDefinition,
  edit: PatchEdit & { readonly filter: Filter },
  options: PatchOptions,
): Json | undefined {
  const isSelectedBy = selector(attribute, edit.filter);
  let matches = 0;
  const after: Json[] = [];
  for (const element of before) {
    const isSelected = isComplex(element) && isSelectedBy(element);
    if (isSelected) matches += 1;
    const next = isSelected ? changeElement(element, attribute, edit, options.strictSchema) : element;
    if (next !== undefined) after.push(next);
  }
  if (matches === 0) {
    if (edit.op === 'remove' && options.missingOnRemove === 'ignore') return before.length === 0 ? undefined : before;
    throw badRequest('noTarget', `The path's filter selects no value of ${attribute.name}.`);
  }
  const values = enforceSinglePrimary(attribute, before, after);
  return values.length === 0 ? undefined : values;
}

function changeElement(
  element: Complex,
  attribute: AttributeDefinition,
  edit: PatchEdit,
  strict: boolean,
): Complex | undefined {
  const { sub } = edit.location;
  if (sub !== undefined) {
    const after = setSub(element, attribute, sub, edit.op === 'remove' ? null : edit.value, strict);
    return Object.keys(after).length === 0 ? undefined : after;
  }
  if (edit.op === 'remove') return undefined;
  if (edit.op === 'add') return merge(element, attribute, edit.value, strict);
  const replacement = validateElement(attribute, edit.value, strict) as Complex;
  for (const { name, mutability } of attribute.subAttributes ?? []) {
    if (mutability === 'immutable' && element[name] !== undefined && replacement[name] !== element[name]) {
      throw badRequest(
        'mutability',
        `${attribute.name}.${name} cannot be changed once it is set: remove the value and add another one.`,
      );
    }
  }
  return replacement;
}

/**
 * For large groups: `value eq "1" or value eq "2" …` becomes one set look-up per member instead of many comparisons.
 */
function selector(attribute: AttributeDefinition, filter: Filter): Predicate {
  const keys = isKeyedByValue(attribute) && filter.kind !== 'and' ? equalities(filter, 'value') : undefined;
  if (keys === undefined) return predicate(filter);
  const keySet = new Set<Json | undefined>(keys);
  return (element) => keySet.has(element['value']);
}
