import type { Json } from '../../model/resource.ts';
import { changeValuesAt } from '../behaviours/attribute-values.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import { isComplex, textOf, withMember, type Complex } from '../resources/resource.ts';
import { badRequest } from '../http/scim-error.ts';
import { emptyResponse, isUpdate, isSuccess, omit } from './messages.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** How values are stored, and how responses return them. */
export const values: readonly Misbehaviour[] = [
  {
    number: 38,
    title: 'responses have "schemas": null and unknown keys, and no meta and externalId',
    create: () => ({
      transformResource: (resource) => ({
        ...omit(resource, 'meta', 'externalId'),
        schemas: null,
        directory_id: 'directory_1',
      }),
    }),
  },
  {
    number: 39,
    title: 'attribute names of another style: external_id, "name.formatted", firstName, lastName',
    create: () => ({ transformResource: otherKeyStyle }),
  },
  {
    number: 40,
    title: 'values are normalised: telephone numbers, types of e-mail addresses, formatted names, languages',
    create: () => ({
      transformStored: (attributes, { resourceType }) => (resourceType === 'User' ? normalise(attributes) : attributes),
    }),
  },
  {
    number: 41,
    title: 'updates of userName, name, displayName and emails return 204 and are ignored',
    create: () => ({
      transformStored: ignoreNameChanges,
      transformResponse: (response, request) =>
        request.resourceType === 'User' && isUpdate(request) && isSuccess(response) ? emptyResponse(204) : response,
    }),
  },
  {
    number: 44,
    title: 'more than one value of an attribute is refused, and "display" too',
    create: () => ({ transformStored: rejectMultipleValues }),
  },
];

const otherKeyStyle: NonNullable<Behaviour['transformResource']> = (resource, resourceType) => {
  const { externalId, name, ...rest } = resource;
  const { formatted, givenName, familyName } = isComplex(name) ? name : {};
  const renamed = { external_id: externalId, 'name.formatted': formatted, firstName: givenName, lastName: familyName };
  const entries = Object.entries(renamed).flatMap(([key, value]): [string, Json][] =>
    value === undefined ? [] : [[key, value]],
  );
  return resourceType === 'User' || externalId !== undefined ? { ...rest, ...Object.fromEntries(entries) } : resource;
};

function normalise(attributes: Complex): Complex {
  const { name } = attributes;
  const formatted = isComplex(name)
    ? [name['givenName'], name['familyName']]
        .map(textOf)
        .filter((part) => part !== '')
        .join(' ')
    : '';
  const withFormattedName =
    isComplex(name) && formatted !== '' ? { ...attributes, name: { ...name, formatted } } : attributes;
  const withPhoneDigits = changeValuesAt(withFormattedName, 'phoneNumbers.value', (value) =>
    textOf(value).replace(/[^\d+]/g, ''),
  );
  const withoutEmailTypes = changeValuesAt(withPhoneDigits, 'emails', (email) =>
    isComplex(email) ? omit(email, 'type') : email,
  );
  return changeValuesAt(
    withoutEmailTypes,
    'preferredLanguage',
    (value) => textOf(value).split(/[-_]/, 1)[0]?.toLowerCase() ?? value,
  );
}

const ignoreNameChanges: NonNullable<Behaviour['transformStored']> = (attributes, { resourceType, before }) => {
  if (resourceType !== 'User' || before === undefined) return attributes;
  return ['userName', 'name', 'displayName', 'emails'].reduce(
    (object, name) => withMember(object, name, before[name]),
    attributes,
  );
};

const rejectMultipleValues: NonNullable<Behaviour['transformStored']> = (attributes, { resourceType, request }) => {
  if (resourceType !== 'User' || request === undefined) return attributes;
  for (const [name, value] of Object.entries(attributes)) {
    if (!Array.isArray(value)) continue;
    if (value.length > 1) throw badRequest('invalidValue', `${name} may have one value only.`);
    if (isComplex(value[0]) && value[0]['display'] !== undefined)
      throw badRequest('invalidValue', `${name}.display is not supported.`);
  }
  return attributes;
};
