import {
  conditionsCompile,
  datesAreReadable,
  attributesAreMappedOnce,
  driftPathsAreValid,
  mappingsCompile,
  profilePathsAreValid,
  userRulesHaveGroups,
} from './expression-rules.ts';
import { errorAt, warningAt, type Diagnostic } from '../issues.ts';
import { ldapRules } from './ldap-rules.ts';
import { suggestion } from '../../model/nearest-name.ts';
import {
  forEachTarget,
  placeInFile,
  rowSourceOf,
  sourceViews,
  type ConfigRule,
  type RuleContext,
} from './config-rule.ts';
import { formatOptionsFit } from './format-rules.ts';
import type { PartialConfig } from '../schema/config-schema.ts';
import { mailServersAreClear } from './mail-rules.ts';
import { channelsAreClear } from './notify-rules.ts';
import { sourcesRules } from './sources-rules.ts';
import { pageIsProtected } from './page-rules.ts';
import { proxiesAreUsable } from './proxy-rules.ts';
import { stateHasItsOwnFile } from './state-rules.ts';
import { certificatesAreReadable, clientCertificateIsComplete } from './tls-rules.ts';
import { isLoopbackUrl, urlsAreHttp } from './url-rules.ts';

const targetNamesAreUnique: ConfigRule = (draft) => {
  const firstIndexByName = new Map<string, number>();
  return (draft.targets ?? []).flatMap((target, index) => {
    const name = target?.name?.toLowerCase();
    if (name === undefined) return [];
    const earlier = firstIndexByName.get(name);
    if (earlier === undefined) firstIndexByName.set(name, index);
    if (earlier === undefined) return [];
    return [
      errorAt(
        'config.nameDuplicate',
        ['targets', index, 'name'],
        `is the name of targets[${earlier}] too; the state file identifies targets by name`,
      ),
    ];
  });
};

const scheduleIsCron: ConfigRule = ({ schedule }, { check }) => {
  const message = schedule === undefined ? undefined : check.schedule(schedule);
  return message === undefined ? [] : [errorAt('config.schedule', ['schedule'], message)];
};

/** Each target may have a schedule of its own. */
const targetSchedulesAreCron: ConfigRule = (draft, { check }) =>
  (draft.targets ?? []).flatMap((target, index) => {
    const message = target?.schedule === undefined ? undefined : check.schedule(target.schedule);
    return message === undefined ? [] : [errorAt('config.schedule', ['targets', index, 'schedule'], message)];
  });

const timezoneIsKnown: ConfigRule = ({ timezone }) => {
  if (timezone === undefined || isTimezone(timezone)) return [];
  const near =
    suggestion(timezone, ['UTC', ...Intl.supportedValuesOf('timeZone')]) ||
    '; use a name such as "UTC" or "Europe/Berlin"';
  return [errorAt('config.timezone', ['timezone'], `${JSON.stringify(timezone)} is not a known time zone${near}`)];
};

const orderNeedsRows: ConfigRule = (draft) => {
  const users = rowSourceOf(draft)?.users;
  return users?.orderBy !== undefined && users.rows === undefined
    ? [
        errorAt(
          'config.orderWithoutRows',
          ['source', 'users', 'orderBy'],
          'has no effect without "rows": add "rows": "first", "last" or "anyActive"',
        ),
      ]
    : [];
};

const membershipsNeedGroups: ConfigRule = (draft) => {
  const source = rowSourceOf(draft);
  if (source?.memberships === undefined) return [];
  if (!('groups' in source))
    return [
      errorAt('config.groupsMissing', ['source', 'memberships'], 'needs the groups: add source.groups with their key'),
    ];
  if (source.groups === undefined || !('column' in source.groups)) return [];
  return [
    errorAt(
      'config.membershipsNotAllowed',
      ['source', 'memberships'],
      'remove this: with groups.column, memberships come from that column',
    ),
  ];
};

const groupsHaveMembers: ConfigRule = (draft) => {
  const source = rowSourceOf(draft);
  if (source?.groups === undefined || 'column' in source.groups || 'memberships' in source) return [];
  return [
    warningAt(
      'config.membershipsMissing',
      ['source', 'groups'],
      'has no members: nothing lists the memberships; add source.memberships',
    ),
  ];
};

const groupSettingsNeedGroups: ConfigRule = (draft) => {
  if (draft.source === undefined || 'groups' in draft.source) return [];
  return forEachTarget(draft, ({ scope, mapping }, at) => [
    ...(scope?.groups === undefined
      ? []
      : [warningAt('config.noEffect', [...at, 'scope', 'groups'], 'has no effect: the source has no groups')]),
    ...(Object.keys(mapping?.group ?? {}).length === 0
      ? []
      : [warningAt('config.noEffect', [...at, 'mapping', 'group'], 'has no effect: the source has no groups')]),
  ]);
};

const deleteAfterDaysHasEffect: ConfigRule = (draft) =>
  forEachTarget(draft, ({ leavers }, at) => {
    const deactivates = (leavers?.action ?? 'deactivate') === 'deactivate' || leavers?.outOfScope === 'deactivate';
    if (leavers?.deleteAfterDays === undefined || deactivates) return [];
    return [
      warningAt(
        'config.noEffect',
        [...at, 'leavers', 'deleteAfterDays'],
        `has no effect: with action ${JSON.stringify(leavers.action)} no user is deactivated`,
      ),
    ];
  });

const authIsConfigured: ConfigRule = (draft) =>
  forEachTarget(draft, ({ auth, tls, url }, at) => {
    const isAnonymous = (auth === undefined || auth.type === 'none') && tls?.certFile === undefined;
    if (!isAnonymous || url === undefined || isLoopbackUrl(url)) return [];
    return [
      warningAt(
        'config.noAuthentication',
        [...at, 'auth'],
        'is none: any client that reaches this address could change every account there',
      ),
    ];
  });

/**
 * What is wrong with a configuration, and what should be changed. Rules about the source see each source as `source`;
 * what they find in several views counts once.
 */
export function diagnose(draft: PartialConfig, io: RuleContext): readonly Diagnostic[] {
  const found = sourceViews(draft).flatMap((view) =>
    configRules.flatMap((rule) => rule(view.draft, io)).map((one) => ({ ...one, path: placeInFile(one.path, view) })),
  );
  const all = [...sourcesRules.flatMap((rule) => rule(draft, io)), ...found];
  return [...new Map(all.map((one) => [JSON.stringify([one.path, one.code, one.message]), one])).values()];
}

/** All rules, in the order of the keys in the file. Each has a row in the table of its test. */
const configRules: readonly ConfigRule[] = [
  stateHasItsOwnFile,
  scheduleIsCron,
  targetSchedulesAreCron,
  timezoneIsKnown,
  pageIsProtected,
  channelsAreClear,
  mailServersAreClear,
  orderNeedsRows,
  membershipsNeedGroups,
  groupsHaveMembers,
  formatOptionsFit,
  ...ldapRules,
  targetNamesAreUnique,
  urlsAreHttp,
  proxiesAreUsable,
  authIsConfigured,
  clientCertificateIsComplete,
  certificatesAreReadable,
  conditionsCompile,
  datesAreReadable,
  mappingsCompile,
  attributesAreMappedOnce,
  profilePathsAreValid,
  driftPathsAreValid,
  userRulesHaveGroups,
  groupSettingsNeedGroups,
  deleteAfterDaysHasEffect,
];

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
