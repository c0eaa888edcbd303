import { coreGroupSchema } from '../../model/path.ts';
import { attribute, type Schema } from './definition.ts';

/**
 * RFC 7643 section 4.2. The server derives `type` and `$ref` of a member from its id: they are readOnly here, and
 * immutable in section 8.7.1.
 */
export const groupSchema: Schema = {
  id: coreGroupSchema,
  name: 'Group',
  description: 'Group',
  attributes: [
    attribute('displayName', 'string', 'The name of the group.', { required: true }),
    attribute('members', 'complex', 'The members of the group.', {
      multiValued: true,
      subAttributes: [
        attribute('value', 'string', 'The member’s id.', { required: true, mutability: 'immutable', caseExact: true }),
        attribute('$ref', 'reference', 'The member’s URI.', {
          mutability: 'readOnly',
          caseExact: true,
          referenceTypes: ['User', 'Group'],
        }),
        attribute('type', 'string', 'User or Group.', { mutability: 'readOnly' }),
        attribute('display', 'string', 'A display name of the member.', { mutability: 'immutable' }),
      ],
    }),
  ],
};
