import type { ResourceType } from '../../model/resource-type.ts';
import { attribute, type AttributeDefinition, type ResourceTypeDefinition } from './definition.ts';
import { enterpriseSchema } from './enterprise.ts';
import { groupSchema } from './group.ts';
import { userSchema } from './user.ts';

const readOnly = { mutability: 'readOnly' } as const;

/** Attributes of every resource (RFC 7643 section 3.1). They belong to no schema, so /Schemas does not return them. */
const commonAttributes: readonly AttributeDefinition[] = [
  attribute('schemas', 'reference', 'URNs of the schemas in use.', {
    ...readOnly,
    multiValued: true,
    returned: 'always',
  }),
  attribute('id', 'string', 'The id given by this application.', {
    ...readOnly,
    caseExact: true,
    returned: 'always',
    uniqueness: 'server',
  }),
  attribute('externalId', 'string', 'The id given by the client.', { caseExact: true }),
  attribute('meta', 'complex', 'Metadata of the resource.', {
    ...readOnly,
    subAttributes: [
      attribute('resourceType', 'string', 'User or Group.', { ...readOnly, caseExact: true }),
      attribute('created', 'dateTime', 'When it was created.', readOnly),
      attribute('lastModified', 'dateTime', 'When it was last changed.', readOnly),
      attribute('location', 'reference', 'Its URI.', { ...readOnly, caseExact: true }),
      attribute('version', 'string', 'Its entity tag.', { ...readOnly, caseExact: true }),
    ],
  }),
];

/** Endpoints and the enterprise extension, which differ between applications. */
export interface ResourceTypeOptions {
  readonly users: string;
  readonly groups: string;
  /** URN of the enterprise extension; null: not supported. */
  readonly enterpriseSchema: string | null;
}

/** The endpoints of RFC 7644 section 3.2, and the enterprise extension of RFC 7643. */
export const standardResourceTypes: ResourceTypeOptions = {
  users: '/Users',
  groups: '/Groups',
  enterpriseSchema: enterpriseSchema.id,
};

/** The definitions that /ResourceTypes returns, RFC 7643 section 6. */
export const resourceTypeDefinitions = ({
  users,
  groups,
  enterpriseSchema: urn,
}: ResourceTypeOptions): Readonly<Record<ResourceType, ResourceTypeDefinition>> => ({
  User: {
    resourceType: 'User',
    endpoint: users,
    schema: userSchema,
    attributes: [...commonAttributes, ...userSchema.attributes],
    extensions: urn === null ? [] : [{ ...enterpriseSchema, id: urn }],
  },
  Group: {
    resourceType: 'Group',
    endpoint: groups,
    schema: groupSchema,
    attributes: [...commonAttributes, ...groupSchema.attributes],
    extensions: [],
  },
});
