import type { Json } from '../../model/resource.ts';
import { changeAt } from '../attributes.ts';
import type { Habit } from '../application.ts';
import { isComplex, textOf, withMember, type Complex } from '../resource.ts';
import { badRequest } from '../scim-error.ts';
import { empty, isChange, succeeded, without } from './answers.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** What is kept of the values that were sent, and how they are spelled in answers. */
export const values: readonly Misbehaviour[] = [
  {
    number: 38,
    title: 'answers with "schemas": null, without meta and externalId, with unknown keys',
    play: () => ({
      show: (resource) => ({ ...without(resource, 'meta', 'externalId'), schemas: null, directory_id: 'directory_1' }),
    }),
  },
  {
    number: 39,
    title: 'keys of another style: external_id, "name.formatted", firstName, lastName',
    play: () => ({ show: otherStyle }),
  },
  {
    number: 40,
    title: 'values are normalised: telephone numbers, types of e-mail addresses, formatted names, languages',
    play: () => ({ store: (attributes, { kind }) => (kind === 'User' ? normalised(attributes) : attributes) }),
  },
  {
    number: 41,
    title: 'changes of userName, name, displayName and e-mail addresses are answered 204 and ignored',
    play: () => ({
      store: keepNames,
      answer: (answer, asked) => (asked.kind === 'User' && isChange(asked) && succeeded(answer) ? empty(204) : answer),
    }),
  },
  {
    number: 44,
    title: 'more than one value of an attribute is refused, and so is "display"',
    play: () => ({ store: refuseMany }),
  },
];

const otherStyle: NonNullable<Habit['show']> = (resource, kind) => {
  const { externalId, name, ...rest } = resource;
  const { formatted, givenName, familyName } = isComplex(name) ? name : {};
  const renamed = { external_id: externalId, 'name.formatted': formatted, firstName: givenName, lastName: familyName };
  const given = Object.entries(renamed).flatMap(([key, value]): [string, Json][] =>
    value === undefined ? [] : [[key, value]],
  );
  return kind === 'User' || externalId !== undefined ? { ...rest, ...Object.fromEntries(given) } : resource;
};

function normalised(attributes: Complex): Complex {
  const { name } = attributes;
  const formatted = isComplex(name)
    ? [name['givenName'], name['familyName']]
        .map(textOf)
        .filter((part) => part !== '')
        .join(' ')
    : '';
  const named = isComplex(name) && formatted !== '' ? { ...attributes, name: { ...name, formatted } } : attributes;
  const phoned = changeAt(named, 'phoneNumbers.value', (value) => textOf(value).replace(/[^\d+]/g, ''));
  const typed = changeAt(phoned, 'emails', (email) => (isComplex(email) ? without(email, 'type') : email));
  return changeAt(typed, 'preferredLanguage', (value) => textOf(value).split(/[-_]/, 1)[0]?.toLowerCase() ?? value);
}

const keepNames: NonNullable<Habit['store']> = (attributes, { kind, before }) => {
  if (kind !== 'User' || before === undefined) return attributes;
  return ['userName', 'name', 'displayName', 'emails'].reduce(
    (object, name) => withMember(object, name, before[name]),
    attributes,
  );
};

const refuseMany: NonNullable<Habit['store']> = (attributes, { kind, asked }) => {
  if (kind !== 'User' || asked === undefined) return attributes;
  for (const [name, value] of Object.entries(attributes)) {
    if (!Array.isArray(value)) continue;
    if (value.length > 1) throw badRequest('invalidValue', `${name} may have one value.`);
    if (isComplex(value[0]) && value[0]['display'] !== undefined)
      throw badRequest('invalidValue', `${name}.display is not supported.`);
  }
  return attributes;
};
