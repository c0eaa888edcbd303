import { conditionsAreExpressions, mappedOnce, mappingsAreReadable, profilePathsAreScim } from './expression-rules.ts';
import { failure, warning } from './issues.ts';
import { ldapRules } from './ldap-rules.ts';
import { suggestion } from './nearest.ts';
import { eachTarget, type Rule } from './rule.ts';
import { certificatesAreReadable, clientCertificateIsWhole } from './tls-rules.ts';
import { staysHere, urlsAreWeb } from './url-rules.ts';

const targetNamesDiffer: Rule = (draft) => {
  const first = new Map<string, number>();
  return (draft.targets ?? []).flatMap((target, index) => {
    const name = target?.name?.toLowerCase();
    if (name === undefined) return [];
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    if (earlier === undefined) return [];
    return [
      failure(
        ['targets', index, 'name'],
        `is the name of targets[${earlier}] too; what a target holds is remembered by its name`,
      ),
    ];
  });
};

const scheduleIsCron: Rule = ({ schedule }, { check }) => {
  const complaint = schedule === undefined ? undefined : check.schedule(schedule);
  return complaint === undefined ? [] : [failure(['schedule'], complaint)];
};

const timezoneIsKnown: Rule = ({ timezone }) => {
  if (timezone === undefined || isTimezone(timezone)) return [];
  const near =
    suggestion(timezone, ['UTC', ...Intl.supportedValuesOf('timeZone')]) ||
    '; use a name such as "UTC" or "Europe/Berlin"';
  return [failure(['timezone'], `${JSON.stringify(timezone)} is not a known time zone${near}`)];
};

const membershipsHaveGroups: Rule = ({ source }) => {
  if (source?.type !== 'csv' || source.memberships === undefined) return [];
  if (!('groups' in source))
    return [failure(['source', 'memberships'], 'needs the groups: add source.groups with file and key')];
  if (source.groups === undefined || !('column' in source.groups)) return [];
  return [
    failure(
      ['source', 'memberships'],
      "must go: source.groups takes groups and their members from a column of the users' file",
    ),
  ];
};

const groupsHaveMembers: Rule = ({ source }) => {
  if (source?.type !== 'csv' || source.groups === undefined || 'column' in source.groups || 'memberships' in source)
    return [];
  return [
    warning(['source', 'groups'], 'has no members: nothing says who belongs to which group; add source.memberships'),
  ];
};

const groupRulesMeetGroups: Rule = (draft) => {
  if (draft.source === undefined || 'groups' in draft.source) return [];
  return eachTarget(draft, ({ scope, mapping }, at) => [
    ...(scope?.groups === undefined
      ? []
      : [warning([...at, 'scope', 'groups'], 'has no effect: the source has no groups')]),
    ...(Object.keys(mapping?.group ?? {}).length === 0
      ? []
      : [warning([...at, 'mapping', 'group'], 'has no effect: the source has no groups')]),
  ]);
};

const onlyTheDeactivatedAreDeletedLater: Rule = (draft) =>
  eachTarget(draft, ({ leavers }, at) => {
    const deactivates = (leavers?.action ?? 'deactivate') === 'deactivate' || leavers?.outOfScope === 'deactivate';
    if (leavers?.deleteAfterDays === undefined || deactivates) return [];
    return [
      warning(
        [...at, 'leavers', 'deleteAfterDays'],
        `has no effect: with action ${JSON.stringify(leavers.action)} nobody is deactivated`,
      ),
    ];
  });

const everybodyIsKnown: Rule = (draft) =>
  eachTarget(draft, ({ auth, tls, url }, at) => {
    const anonymous = (auth === undefined || auth.type === 'none') && tls?.certFile === undefined;
    if (!anonymous || url === undefined || staysHere(url)) return [];
    return [warning([...at, 'auth'], 'is none: whoever reaches this address could change every account there')];
  });

/** In the order in which the file is read. Each has a row in the table of its test. */
export const rules: readonly Rule[] = [
  scheduleIsCron,
  timezoneIsKnown,
  membershipsHaveGroups,
  groupsHaveMembers,
  ...ldapRules,
  targetNamesDiffer,
  urlsAreWeb,
  everybodyIsKnown,
  clientCertificateIsWhole,
  certificatesAreReadable,
  conditionsAreExpressions,
  mappingsAreReadable,
  mappedOnce,
  profilePathsAreScim,
  groupRulesMeetGroups,
  onlyTheDeactivatedAreDeletedLater,
];

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
