import { instant } from '../../model/ids.ts';
import { coreGroupSchema, coreUserSchema } from '../../model/path.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Json } from '../../model/resource.ts';
import { getIgnoringCase, isBlank } from '../../model/scim-json.ts';
import { formatTime, parseTime } from '../../model/time.ts';
import type { Application } from '../behaviours/behaviour.ts';
import { findDefinition, findExtension, type AttributeDefinition } from '../schema/definition.ts';
import { isComplex, textOf, type Complex, type Meta, type Resource } from './resource.ts';
import { locationOf } from './resources.ts';

/**
 * Adds a resource as another application shows it, with its id, times and version. What that application holds is a
 * fact, so nothing is refused: also not a repeated name, or a member that does not exist. The forms in which
 * applications write values become those of RFC 7643, and a password is left out.
 *
 * The type must define all attributes of the resource (`withShownAttributes`).
 */
export function copyResource(app: Application, resourceType: ResourceType, id: string, shown: Complex): void {
  const type = app.typeDefinitions[resourceType];
  const core: [string, Json][] = [];
  const extensions: [string, Json][] = [];
  for (const [name, value] of Object.entries(shown)) {
    const extension = findExtension(type, name);
    if (extension === undefined) core.push([name, value]);
    else if (isComplex(value)) {
      const attributes = storedValues(extension.attributes, Object.entries(value));
      if (Object.keys(attributes).length > 0) extensions.push([extension.id, attributes]);
    }
  }
  const attributes = storedValues(type.attributes, core);
  const resource: Resource = {
    schemas: [
      resourceType === 'User' ? coreUserSchema : coreGroupSchema,
      ...extensions.map(([extensionId]) => extensionId),
    ],
    id,
    ...attributes,
    ...(resourceType === 'Group' ? membersOf(app, attributes['members'], shown) : {}),
    ...Object.fromEntries(extensions),
    meta: metaOf(app, resourceType, id, shown),
  };
  app.store.putCopy(resourceType, resource);
}

function metaOf(app: Application, resourceType: ResourceType, id: string, shown: Complex): Meta {
  const meta = getIgnoringCase(shown, 'meta');
  const time = (name: string): string =>
    // Without a time it is long ago: the resource was there before the copy.
    formatTime(parseTime(textOf(getIgnoringCase(meta, name) as Json | undefined)) ?? instant(0));
  const version = textOf(getIgnoringCase(meta, 'version') as Json | undefined);
  return {
    resourceType,
    created: time('created'),
    lastModified: time('lastModified'),
    location: locationOf(app, resourceType, id),
    ...(version === '' || !app.options.etags ? {} : { version }),
  };
}

/** Attributes that clients can write, in the case of the schema. */
function storedValues(
  definitions: readonly AttributeDefinition[],
  values: readonly (readonly [name: string, value: Json])[],
): Complex {
  return Object.fromEntries(
    values.flatMap(([name, value]) => {
      const definition = findDefinition(definitions, name);
      const isKept =
        definition !== undefined &&
        definition.mutability !== 'readOnly' &&
        definition.returned !== 'never' &&
        definition.name.toLowerCase() !== 'password' &&
        !isBlank(value);
      return isKept ? [[definition.name, storedValue(definition, value)]] : [];
    }),
  );
}

function storedValue(definition: AttributeDefinition, value: Json): Json {
  if (!definition.multiValued) return storedElement(definition, value);
  return (Array.isArray(value) ? (value as readonly Json[]) : [value]).map((each) => storedElement(definition, each));
}

function storedElement({ type, subAttributes }: AttributeDefinition, value: Json): Json {
  if (subAttributes !== undefined)
    return storedValues(subAttributes, isComplex(value) ? Object.entries(value) : [['value', value]]);
  if (type === 'boolean' && typeof value === 'string') return value.toLowerCase() === 'true';
  return value;
}

/** Members with the type and address that the sandbox gives them; a member without a resource stays. */
function membersOf(app: Application, members: Json | undefined, shown: Complex): Complex {
  if (!Array.isArray(members)) return {};
  const shownMembers = getIgnoringCase(shown, 'members');
  return {
    members: (members as readonly Complex[]).map((member, at) => {
      const { value } = member;
      const id = typeof value === 'number' ? String(value) : textOf(value);
      const type = memberType(app, id, Array.isArray(shownMembers) ? (shownMembers as readonly Json[])[at] : undefined);
      return { ...member, value: id, type, $ref: locationOf(app, type, id) };
    }),
  };
}

/** Users are copied first, so that only the groups among the members may be missing yet. */
function memberType(app: Application, id: string, shown: Json | undefined): ResourceType {
  const known = app.store.resourceTypeOf(id);
  if (known !== undefined) return known;
  return textOf(getIgnoringCase(shown, 'type') as Json | undefined).toLowerCase() === 'user' ? 'User' : 'Group';
}
