import { enterpriseUserSchema } from '../../model/path.ts';
import { attribute, type Schema } from './definition.ts';

/** RFC 7643 section 4.3. */
export const enterpriseSchema: Schema = {
  id: enterpriseUserSchema,
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  attributes: [
    attribute('employeeNumber', 'string', 'Number given to the user by the organisation.'),
    attribute('costCenter', 'string', 'Cost centre.'),
    attribute('organization', 'string', 'Organisation.'),
    attribute('division', 'string', 'Division.'),
    attribute('department', 'string', 'Department.'),
    attribute('manager', 'complex', 'The user’s manager.', {
      subAttributes: [
        attribute('value', 'string', 'The id of the manager’s User.', { required: true, caseExact: true }),
        attribute('$ref', 'reference', 'The manager’s URI.', { caseExact: true, referenceTypes: ['User'] }),
        attribute('displayName', 'string', 'The manager’s displayName.', { mutability: 'readOnly' }),
      ],
    }),
  ],
};
