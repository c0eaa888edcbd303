import { coreGroupSchema } from '../../model/path.ts';
import { attribute, type Schema } from './definition.ts';

/**
 * RFC 7643 section 4.2. `type` and `$ref` of a member follow from its id, so they are taken from nobody:
 * they are readOnly here where section 8.7.1 has them immutable.
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
        attribute('display', 'string', 'A name for the member, to be shown.', { mutability: 'immutable' }),
      ],
    }),
  ],
};
