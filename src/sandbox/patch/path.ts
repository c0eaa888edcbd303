import type { Filter } from '../filter/filter.ts';
import { parseElementFilter } from '../filter/parse.ts';
import { locateAttribute, type AttributeLocation } from '../schema/attribute-location.ts';
import { badRequest } from '../http/scim-error.ts';
import { findExtension, type ResourceTypeDefinition, type Schema } from '../schema/definition.ts';

/** A parsed `path` of a PATCH operation (RFC 7644 section 3.5.2, figure 7). */
export type PatchPath =
  | { readonly kind: 'extension'; readonly extension: Schema }
  | { readonly kind: 'attribute'; readonly location: AttributeLocation; readonly filter?: Filter };

const valuePath = /^([^[\]"]+)\[((?:[^"\]]|"(?:[^"\\]|\\.)*")*)\](?:\.([^.[\]]+))?$/;

/** @throws ScimError 400 invalidPath, or invalidFilter for the filter in brackets */
export function parsePatchPath(type: ResourceTypeDefinition, text: string): PatchPath {
  const extension = findExtension(type, text);
  if (extension !== undefined) return { kind: 'extension', extension };
  const match = valuePath.exec(text);
  const [, before = '', filter, sub] = match ?? [undefined, text];
  const location = locateAttribute(type, sub === undefined ? before : `${before}.${sub}`);
  if (location === undefined)
    throw badRequest('invalidPath', `The path ${JSON.stringify(text)} is not an attribute of ${type.resourceType}.`);
  if (filter === undefined) return { kind: 'attribute', location };
  const { attribute } = location;
  if (!attribute.multiValued || attribute.subAttributes === undefined) {
    throw badRequest(
      'invalidPath',
      `The path ${JSON.stringify(text)} selects values of ${attribute.name}, which is not multi-valued and complex.`,
    );
  }
  if (locateAttribute(type, before)?.sub !== undefined) {
    throw badRequest('invalidPath', `The path ${JSON.stringify(text)} has a filter after a sub-attribute.`);
  }
  return { kind: 'attribute', location, filter: parseElementFilter(attribute, filter) };
}
