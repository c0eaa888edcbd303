import type { Json } from '../model/resource.ts';
import { member } from '../model/shape.ts';
import { isComplex, type Complex } from './resource.ts';
import { badRequest } from './scim-error.ts';
import { extensionNamed, named, type Definition, type ResourceType, type Schema } from './schema/definition.ts';

/**
 * The attributes of a POST or PUT as this application keeps them: names as the schema spells them, readOnly ones left out
 * (RFC 7644 sections 3.3 and 3.5.1), null and empty arrays as absent (RFC 7643 section 2.5).
 * @param strict whether an unknown attribute is refused instead of ignored
 * @throws ScimError 400 invalidSyntax or invalidValue
 */
export function acceptResource(type: ResourceType, body: Json, strict: boolean): Complex {
  if (!isComplex(body)) throw badRequest('invalidSyntax', 'A resource is a JSON object.');
  const declared = declaredSchemas(type, body, strict);
  const core: Record<string, Json> = {};
  const extensions: Record<string, Json> = {};
  for (const [name, value] of Object.entries(body)) {
    const extension = extensionNamed(type, name);
    if (extension === undefined) core[name] = value;
    else {
      if (!declared.has(extension.id.toLowerCase())) {
        throw badRequest(
          'invalidSyntax',
          `"schemas" must name ${extension.id}, because the resource has attributes of it (RFC 7643 section 3).`,
        );
      }
      const accepted = acceptExtension(extension, value, strict);
      if (accepted !== undefined) extensions[extension.id] = accepted;
    }
  }
  return { ...acceptMembers(type.attributes, core, type.kind, strict), ...extensions };
}

/** @returns undefined where nothing is assigned */
export function acceptExtension(extension: Schema, value: Json, strict: boolean): Complex | undefined {
  if (value === null) return undefined;
  if (!isComplex(value)) throw badRequest('invalidValue', `${extension.id} must be an object.`);
  const accepted = acceptMembers(extension.attributes, value, extension.name, strict);
  return Object.keys(accepted).length === 0 ? undefined : accepted;
}

/** The value of a whole attribute. @returns undefined where the value means "unassigned" */
export function acceptValue(definition: Definition, value: Json, strict: boolean): Json | undefined {
  if (value === null) return undefined;
  if (!definition.multiValued) return acceptElement(definition, value, strict);
  if (!Array.isArray(value))
    throw badRequest('invalidValue', `${definition.name} is multi-valued: its value must be an array.`);
  return value.length === 0 ? undefined : value.map((element: Json) => acceptOneOf(definition, element, strict));
}

/** One value of a multi-valued attribute. */
export function acceptOneOf(definition: Definition, value: Json, strict: boolean): Json {
  const accepted = value === null ? undefined : acceptElement(definition, value, strict);
  if (accepted === undefined) throw badRequest('invalidValue', `An element of ${definition.name} holds nothing.`);
  return accepted;
}

function acceptElement(definition: Definition, value: Json, strict: boolean): Json | undefined {
  if (definition.subAttributes !== undefined) return acceptComplex(definition, definition.subAttributes, value, strict);
  const expected = definition.type === 'boolean' ? 'boolean' : 'string';
  if (typeof value !== expected) {
    throw badRequest(
      'invalidValue',
      `${definition.name} must be a ${definition.type}, not ${JSON.stringify(value)?.slice(0, 60)}.`,
    );
  }
  return value;
}

function acceptComplex(
  definition: Definition,
  subAttributes: readonly Definition[],
  value: Json,
  strict: boolean,
): Complex | undefined {
  if (!isComplex(value))
    throw badRequest('invalidValue', `${definition.name} is complex: its value must be an object.`);
  const accepted = acceptMembers(subAttributes, value, definition.name, strict);
  if (Object.keys(accepted).length === 0) return undefined;
  for (const sub of subAttributes) {
    if (sub.required && (accepted[sub.name] === undefined || accepted[sub.name] === '')) {
      throw badRequest('invalidValue', `${definition.name}.${sub.name} is missing.`);
    }
  }
  return accepted;
}

function acceptMembers(definitions: readonly Definition[], object: Complex, owner: string, strict: boolean): Complex {
  const accepted: Record<string, Json> = {};
  for (const [name, value] of Object.entries(object)) {
    const definition = named(definitions, name);
    if (definition === undefined) {
      if (strict) throw badRequest('invalidSyntax', `${owner} has no attribute ${name}.`);
    } else if (definition.mutability !== 'readOnly') {
      const kept = acceptValue(definition, value, strict);
      if (kept !== undefined && definition.returned !== 'never') accepted[definition.name] = kept;
    }
  }
  return accepted;
}

function declaredSchemas(type: ResourceType, body: Complex, strict: boolean): ReadonlySet<string> {
  const schemas = member(body, 'schemas');
  if (!Array.isArray(schemas) || !schemas.every((urn) => typeof urn === 'string')) {
    throw badRequest('invalidSyntax', '"schemas" is missing: it must be an array of URNs (RFC 7643 section 3).');
  }
  const declared = new Set(schemas.map((urn: string) => urn.toLowerCase()));
  if (!declared.has(type.schema.id.toLowerCase()))
    throw badRequest('invalidSyntax', `"schemas" must name ${type.schema.id}.`);
  const unknown = schemas.find(
    (urn: string) => urn.toLowerCase() !== type.schema.id.toLowerCase() && extensionNamed(type, urn) === undefined,
  );
  if (strict && unknown !== undefined)
    throw badRequest('invalidSyntax', `There is no schema ${unknown} for ${type.kind}.`);
  return declared;
}
