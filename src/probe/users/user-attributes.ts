import { enterpriseUserSchema, managerPath } from '../../model/path.ts';
import type { FlatResource } from '../../model/resource.ts';
import { toScimJson, type JsonObject } from '../../model/scim-json.ts';

/** Path of the work e-mail address. */
export const workMail = 'emails[type eq "work"].value';
/** Path of the private e-mail address. */
export const homeMail = 'emails[type eq "home"].value';
/** Path of the work phone number. */
export const workPhone = 'phoneNumbers[type eq "work"].value';
/** Path of the department, in the enterprise extension. */
export const department = `${enterpriseUserSchema}:department`;

/** An attribute that a target may require for the create of a user. */
export interface CandidateAttribute {
  /** The path as the profile setting `requiredAttributes` has it. */
  readonly path: string;
  readonly body: (name: string) => FlatResource;
}

/** Attributes to add until a target accepts a user, the most often required ones first. */
export const candidateAttributes: readonly CandidateAttribute[] = [
  { path: 'emails', body: (name) => ({ [workMail]: name, 'emails[type eq "work"].primary': true }) },
  { path: 'name.familyName', body: () => ({ 'name.familyName': 'Canary' }) },
  { path: 'name.givenName', body: () => ({ 'name.givenName': 'Scimsync' }) },
  { path: 'displayName', body: (name) => ({ displayName: name }) },
  { path: 'externalId', body: (name) => ({ externalId: `x-${name}` }) },
  { path: 'active', body: () => ({ active: true }) },
  { path: 'name.formatted', body: () => ({ 'name.formatted': 'Scimsync Canary' }) },
  { path: 'title', body: () => ({ title: 'Canary' }) },
  { path: 'entitlements', body: () => ({ entitlements: [{ value: 'canary' }] }) },
  { path: 'roles', body: () => ({ roles: [{ value: 'canary' }] }) },
];

/**
 * The attributes of default mappings, and others that configurations often map. The values have letters of both cases,
 * spaces and punctuation, which targets may change.
 *
 * @param email differs from the name, to tell which of the two a filter searches
 */
export function fullAttributes(name: string, managerId: string | undefined, email: string): FlatResource {
  return {
    externalId: `X-${name}`,
    active: true,
    displayName: `Scimsync Canary ${name.replace(/@.*/, '')}`,
    'name.givenName': 'Givenella',
    'name.familyName': 'Canary-McProbe',
    [workMail]: email,
    'emails[type eq "work"].primary': true,
    [workPhone]: '+1 (555) 010-0123',
    title: 'Canary (Mixed Case)',
    nickName: 'Tweety',
    userType: 'Employee',
    preferredLanguage: 'en-GB',
    locale: 'en-GB',
    timezone: 'Europe/Berlin',
    [`${enterpriseUserSchema}:employeeNumber`]: 'E-00042',
    [department]: 'Mines & Air',
    [`${enterpriseUserSchema}:organization`]: 'Coal Mine',
    [`${enterpriseUserSchema}:division`]: 'Deep Shafts',
    [`${enterpriseUserSchema}:costCenter`]: 'CC-7',
    [homeMail]: `home.${name}`,
    ...(managerId === undefined ? {} : { [managerPath]: managerId }),
  };
}

/** The name with letters of both cases; the canary prefix stays. */
export const mixedCase = (name: string): string =>
  name.replace(/(\d)t(\d)/, '$1T$2').replace('example.invalid', 'Example.Invalid');

/** A user as SCIM JSON. */
export function userResource(userName: string, body: FlatResource): JsonObject {
  return toScimJson('User', { userName, ...body });
}
