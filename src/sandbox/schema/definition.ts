import type { ResourceType } from '../../model/resource-type.ts';

/** One attribute definition in the format of RFC 7643 section 7, which /Schemas returns. */
export type AttributeDefinition = {
  readonly name: string;
  /** `any`: the type is not known, because only values of another application showed the attribute. */
  readonly type: 'string' | 'boolean' | 'dateTime' | 'reference' | 'binary' | 'complex' | 'any';
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned: 'always' | 'default' | 'never';
  readonly uniqueness: 'none' | 'server';
  readonly subAttributes?: readonly AttributeDefinition[];
  readonly referenceTypes?: readonly string[];
};

/** A schema definition, RFC 7643 section 7. */
export type Schema = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly AttributeDefinition[];
};

/** A resource type: its schema, the common attributes, and its extensions. */
export interface ResourceTypeDefinition {
  readonly resourceType: ResourceType;
  readonly endpoint: string;
  readonly schema: Schema;
  /** `schema.attributes` and the common ones of RFC 7643 section 3.1. */
  readonly attributes: readonly AttributeDefinition[];
  readonly extensions: readonly Schema[];
}

type Characteristics = Partial<Omit<AttributeDefinition, 'name' | 'type' | 'description'>>;

/** A definition with the defaults of RFC 7643 section 2.2. */
export function attribute(
  name: string,
  type: AttributeDefinition['type'],
  description: string,
  characteristics: Characteristics = {},
): AttributeDefinition {
  return {
    name,
    type,
    multiValued: false,
    description,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...characteristics,
  };
}

const indexes = new WeakMap<readonly AttributeDefinition[], Map<string, AttributeDefinition>>();

/** The definition with this name, compared without case (RFC 7643 section 2.1). */
export function findDefinition(
  definitions: readonly AttributeDefinition[],
  name: string,
): AttributeDefinition | undefined {
  let index = indexes.get(definitions);
  if (index === undefined) {
    index = new Map(definitions.map((definition) => [definition.name.toLowerCase(), definition]));
    indexes.set(definitions, index);
  }
  return index.get(name.toLowerCase());
}

/** The extension with this URN, compared without case. */
export function findExtension(type: ResourceTypeDefinition, urn: string): Schema | undefined {
  const folded = urn.toLowerCase();
  return type.extensions.find(({ id }) => id.toLowerCase() === folded);
}
