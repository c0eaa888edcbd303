import { enterpriseUserSchema } from '../model/path.ts';
import type { Profile, Window } from '../model/profile.ts';
import type { Habit } from './application.ts';
import { defaultRules, type Rules } from './rules.ts';
import { standard, type Dialect } from './schema/resource-type.ts';
import { upsert } from './upsert.ts';
import { accounts } from './words/accounts.ts';
import { groups, hiddenMembers, losesMembersBeyond, memberLimits } from './words/groups.ts';
import { patchForms } from './words/patch-forms.ts';
import { conflicts, requests, servesPatch } from './words/requests.ts';
import { values } from './words/values.ts';
import { textualBooleans, textualManager } from './words/writing.ts';

/** What an application does by its profile. */
export interface Played {
  readonly dialect: Dialect;
  /** Where ServiceProviderConfig is; null where it is not served. */
  readonly discovery: string | null;
  readonly rules: Partial<Rules>;
  /** In the order in which they meet a request. */
  readonly habits: readonly Habit[];
  readonly requestsPerSecond: number | undefined;
  readonly windows: readonly Window[];
  readonly misbehaviours: readonly number[];
}

const plain: Played = {
  dialect: standard,
  discovery: '/ServiceProviderConfig',
  rules: {},
  habits: [],
  requestsPerSecond: undefined,
  windows: [],
  misbehaviours: [],
};

/**
 * The words of a profile as behaviour. A word is a contract: what the profile does not say is refused, so that a client that does not keep to it
 * is found out. Where no word speaks, the RFCs do.
 */
export function play(profile: Profile | undefined): Played {
  if (profile === undefined) return plain;
  const { holds, speaks, allows } = profile;
  return {
    dialect: {
      users: speaks.endpoints.users,
      groups: speaks.endpoints.groups,
      enterpriseSchema: holds.enterpriseSchema,
    },
    discovery: speaks.discovery === 'off' ? null : speaks.endpoints.discovery,
    rules: rulesOf(profile),
    habits: habitsOf(profile),
    requestsPerSecond: allows.requestsPerSecond,
    windows: allows.windows,
    misbehaviours: profile.plays,
  };
}

function rulesOf(profile: Profile): Partial<Rules> {
  const { speaks, allows } = profile;
  return {
    patch: servesPatch(profile),
    uniqueUserNames: !speaks.twins.includes('User'),
    uniqueDisplayNames: !speaks.twins.includes('Group'),
    etags: speaks.ifMatch !== 'never',
    requireIfMatch: speaks.ifMatch === 'always',
    // Why a success has to be read again: some of it was left out without a word.
    unknownMembers: speaks.readBack === 'never' ? defaultRules.unknownMembers : 'drop',
    deletionEndsMemberships: speaks.deletionEndsMemberships,
    listing: speaks.listing,
    bulk: speaks.bulk === 'offered' ? { maxOperations: allows.bulkOperations, maxPayloadSize: allows.bodyBytes } : null,
    defaultPageSize: Math.min(defaultRules.defaultPageSize, allows.pageSize),
    maxPageSize: allows.pageSize,
  };
}

function habitsOf(profile: Profile): readonly Habit[] {
  const { holds, speaks, allows } = profile;
  return [
    requests(profile),
    groups(profile),
    patchForms(speaks),
    ...(speaks.booleans === 'json' ? [] : [textualBooleans(speaks.booleans)]),
    ...(speaks.manager === 'reference' ? [] : [textualManager(holds.enterpriseSchema ?? enterpriseUserSchema)]),
    memberLimits(profile),
    ...(allows.patchedGroupMembers === null ? [] : [losesMembersBeyond(allows.patchedGroupMembers)]),
    hiddenMembers(profile),
    accounts(speaks),
    ...(speaks.reactivation === 'create' && !speaks.deletionIsFinal
      ? [upsert((account) => account['active'] === false)]
      : []),
    values(holds),
    conflicts(profile),
  ];
}
