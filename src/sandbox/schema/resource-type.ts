import type { Kind } from '../../model/kind.ts';
import { attribute, type Definition, type ResourceType } from './definition.ts';
import { enterpriseSchema } from './enterprise.ts';
import { groupSchema } from './group.ts';
import { userSchema } from './user.ts';

const readOnly = { mutability: 'readOnly' } as const;

/** What every resource has (RFC 7643 section 3.1). They belong to no schema, so /Schemas does not show them. */
const common: readonly Definition[] = [
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
  attribute('meta', 'complex', 'What is known about the resource itself.', {
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

/** What differs between applications. */
export interface Dialect {
  readonly users: string;
  readonly groups: string;
  /** URN of the enterprise attributes; null: there are none. */
  readonly enterpriseSchema: string | null;
}

export const standard: Dialect = { users: '/Users', groups: '/Groups', enterpriseSchema: enterpriseSchema.id };

export const resourceTypesOf = ({
  users,
  groups,
  enterpriseSchema: urn,
}: Dialect): Readonly<Record<Kind, ResourceType>> => ({
  User: {
    kind: 'User',
    endpoint: users,
    schema: userSchema,
    attributes: [...common, ...userSchema.attributes],
    extensions: urn === null ? [] : [{ ...enterpriseSchema, id: urn }],
  },
  Group: {
    kind: 'Group',
    endpoint: groups,
    schema: groupSchema,
    attributes: [...common, ...groupSchema.attributes],
    extensions: [],
  },
});
