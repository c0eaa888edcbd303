import type { Json } from '../../model/resource.ts';
import { isComplex, type Complex } from '../resources/resource.ts';
import {
  attribute,
  findDefinition,
  findExtension,
  type AttributeDefinition,
  type ResourceTypeDefinition,
} from './definition.ts';

/**
 * A resource type with definitions of all attributes that a resource of another application shows. What that
 * application requires of them is not known.
 *
 * @returns the same resource type if it defines all of them
 */
export function withShownAttributes(type: ResourceTypeDefinition, resource: Complex): ResourceTypeDefinition {
  const core: [string, Json][] = [];
  let { extensions } = type;
  for (const [name, value] of Object.entries(resource)) {
    if (!/^urn:/i.test(name) || !isComplex(value)) {
      core.push([name, value]);
      continue;
    }
    const known = findExtension(type, name);
    const schema = known ?? { id: name, name: name.slice(name.lastIndexOf(':') + 1), description: '', attributes: [] };
    const attributes = withValues(schema.attributes, Object.entries(value));
    if (known === undefined) extensions = [...extensions, { ...schema, attributes }];
    else if (attributes !== known.attributes)
      extensions = extensions.map((each) => (each === known ? { ...known, attributes } : each));
  }
  const attributes = withValues(type.attributes, core);
  return attributes === type.attributes && extensions === type.extensions ? type : { ...type, attributes, extensions };
}

function withValues(
  definitions: readonly AttributeDefinition[],
  values: readonly (readonly [name: string, value: Json])[],
): readonly AttributeDefinition[] {
  let extended = definitions;
  for (const [name, value] of values) {
    const known = findDefinition(extended, name);
    if (known === undefined) extended = [...extended, definitionOf(name, value)];
    else {
      const definition = withSubAttributes(known, value);
      if (definition !== known) extended = extended.map((each) => (each === known ? definition : each));
    }
  }
  return extended;
}

function withSubAttributes(known: AttributeDefinition, value: Json): AttributeDefinition {
  if (known.subAttributes === undefined || known.mutability === 'readOnly') return known;
  const subAttributes = withValues(known.subAttributes, subValues(value));
  return subAttributes === known.subAttributes ? known : { ...known, subAttributes };
}

function definitionOf(name: string, value: Json): AttributeDefinition {
  const subAttributes = withValues([], subValues(value));
  return subAttributes.length === 0
    ? attribute(name, 'any', '')
    : attribute(name, 'complex', '', { multiValued: Array.isArray(value), subAttributes });
}

const subValues = (value: Json): readonly (readonly [string, Json])[] =>
  (Array.isArray(value) ? (value as readonly Json[]) : [value])
    .filter(isComplex)
    .flatMap((each) => Object.entries(each));
