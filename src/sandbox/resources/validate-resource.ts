import type { Json } from '../../model/resource.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { isComplex, type Complex } from './resource.ts';
import { badRequest } from '../http/scim-error.ts';
import {
  findExtension,
  findDefinition,
  type AttributeDefinition,
  type ResourceTypeDefinition,
  type Schema,
} from '../schema/definition.ts';

/**
 * Validates and normalises the attributes of a POST or PUT: names get the case of the schema, readOnly attributes are
 * ignored (RFC 7644 sections 3.3 and 3.5.1), null and empty arrays count as absent (RFC 7643 section 2.5).
 * @param strict whether an unknown attribute is refused instead of ignored
 * @throws ScimError 400 invalidSyntax or invalidValue
 */
export function validateResource(type: ResourceTypeDefinition, body: Json, strict: boolean): Complex {
  if (!isComplex(body)) throw badRequest('invalidSyntax', 'A resource must be a JSON object.');
  const declared = declaredSchemas(type, body, strict);
  const core: Record<string, Json> = {};
  const extensions: Record<string, Json> = {};
  for (const [name, value] of Object.entries(body)) {
    const extension = findExtension(type, name);
    if (extension === undefined) core[name] = value;
    else {
      if (!declared.has(extension.id.toLowerCase())) {
        throw badRequest(
          'invalidSyntax',
          `"schemas" must contain ${extension.id}, because the resource has attributes of it (RFC 7643 section 3).`,
        );
      }
      const accepted = validateExtension(extension, value, strict);
      if (accepted !== undefined) extensions[extension.id] = accepted;
    }
  }
  return { ...validateAttributes(type.attributes, core, type.resourceType, strict), ...extensions };
}

/** Validates the attributes of an extension. @returns undefined if no attribute is assigned */
export function validateExtension(extension: Schema, value: Json, strict: boolean): Complex | undefined {
  if (value === null) return undefined;
  if (!isComplex(value)) throw badRequest('invalidValue', `${extension.id} must be an object.`);
  const accepted = validateAttributes(extension.attributes, value, extension.name, strict);
  return Object.keys(accepted).length === 0 ? undefined : accepted;
}

/** Validates the value of an attribute. @returns undefined if the value means "unassigned" */
export function validateValue(definition: AttributeDefinition, value: Json, strict: boolean): Json | undefined {
  if (value === null) return undefined;
  if (!definition.multiValued) return validateSingleValue(definition, value, strict);
  if (!Array.isArray(value))
    throw badRequest('invalidValue', `${definition.name} is multi-valued: its value must be an array.`);
  return value.length === 0 ? undefined : value.map((element: Json) => validateElement(definition, element, strict));
}

/** Validates one value of a multi-valued attribute. */
export function validateElement(definition: AttributeDefinition, value: Json, strict: boolean): Json {
  const accepted = value === null ? undefined : validateSingleValue(definition, value, strict);
  if (accepted === undefined) throw badRequest('invalidValue', `An element of ${definition.name} is empty.`);
  return accepted;
}

function validateSingleValue(definition: AttributeDefinition, value: Json, strict: boolean): Json | undefined {
  if (definition.subAttributes !== undefined)
    return validateComplex(definition, definition.subAttributes, value, strict);
  if (definition.type === 'any') return value;
  const expected = definition.type === 'boolean' ? 'boolean' : 'string';
  if (typeof value !== expected) {
    throw badRequest(
      'invalidValue',
      `${definition.name} must be a ${definition.type}, not ${JSON.stringify(value)?.slice(0, 60)}.`,
    );
  }
  return value;
}

function validateComplex(
  definition: AttributeDefinition,
  subAttributes: readonly AttributeDefinition[],
  value: Json,
  strict: boolean,
): Complex | undefined {
  if (!isComplex(value))
    throw badRequest('invalidValue', `${definition.name} is complex: its value must be an object.`);
  const accepted = validateAttributes(subAttributes, value, definition.name, strict);
  if (Object.keys(accepted).length === 0) return undefined;
  for (const sub of subAttributes) {
    if (sub.required && (accepted[sub.name] === undefined || accepted[sub.name] === '')) {
      throw badRequest('invalidValue', `${definition.name}.${sub.name} is missing.`);
    }
  }
  return accepted;
}

function validateAttributes(
  definitions: readonly AttributeDefinition[],
  object: Complex,
  owner: string,
  strict: boolean,
): Complex {
  const accepted: Record<string, Json> = {};
  for (const [name, value] of Object.entries(object)) {
    const definition = findDefinition(definitions, name);
    if (definition === undefined) {
      if (strict) throw badRequest('invalidSyntax', `${owner} has no attribute ${name}.`);
    } else if (definition.mutability !== 'readOnly') {
      const validated = validateValue(definition, value, strict);
      if (validated !== undefined && definition.returned !== 'never') accepted[definition.name] = validated;
    }
  }
  return accepted;
}

function declaredSchemas(type: ResourceTypeDefinition, body: Complex, strict: boolean): ReadonlySet<string> {
  const schemas = getIgnoringCase(body, 'schemas');
  if (!Array.isArray(schemas) || !schemas.every((urn) => typeof urn === 'string')) {
    throw badRequest('invalidSyntax', '"schemas" is missing: it must be an array of URNs (RFC 7643 section 3).');
  }
  const declared = new Set(schemas.map((urn: string) => urn.toLowerCase()));
  if (!declared.has(type.schema.id.toLowerCase()))
    throw badRequest('invalidSyntax', `"schemas" must contain ${type.schema.id}.`);
  const unknown = schemas.find(
    (urn: string) => urn.toLowerCase() !== type.schema.id.toLowerCase() && findExtension(type, urn) === undefined,
  );
  if (strict && unknown !== undefined)
    throw badRequest('invalidSyntax', `There is no schema ${unknown} for ${type.resourceType}.`);
  return declared;
}
