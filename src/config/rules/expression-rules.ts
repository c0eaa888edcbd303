import { formatPath as canonical, parsePath, PathSyntaxError } from '../../model/path.ts';
import { formatProblem } from '../../model/dates/date-format.ts';
import { isZone } from '../../model/dates/zone.ts';
import type { IssueCode } from '../../model/error-codes.ts';
import { errorAt, type Diagnostic, type Step } from '../issues.ts';
import type { PartialConfig } from '../schema/config-schema.ts';
import { expressionTexts, policyMistakes, writtenPolicy } from '../../model/target/entry-policy.ts';
import {
  forEachTarget,
  readsOf,
  rowSourceOf,
  type ExpressionSubject,
  type Reads,
  type SyntaxChecks,
  type ConfigRule,
} from './config-rule.ts';

/** Conditions compile: active users, scope, protected accounts. */
export const conditionsCompile: ConfigRule = (draft, { check }) => {
  const checkCondition = (
    text: string | undefined,
    about: ExpressionSubject,
    at: readonly Step[],
    reads?: Reads,
  ): readonly Diagnostic[] =>
    text === undefined
      ? []
      : errorUnlessValid('config.expression', check.expression(text, about, 'condition', reads), at);
  return [
    ...checkCondition(draft.source?.users?.active, 'userRow', ['source', 'users', 'active']),
    ...rowFilters(draft).flatMap(([part, text, about]) => checkCondition(text, about, ['source', part, 'where'])),
    ...forEachTarget(draft, (target, at) => [
      ...checkCondition(target.scope?.users, 'user', [...at, 'scope', 'users'], readsOf(draft, target)),
      ...checkCondition(target.scope?.groups, 'group', [...at, 'scope', 'groups'], readsOf(draft, target)),
      ...checkCondition(target.protect, 'resource', [...at, 'protect']),
    ]),
  ];
};

/** The dates of users: their expressions, formats and zone. */
export const datesAreReadable: ConfigRule = ({ source }, { check }) => {
  const users = source?.users;
  const at = (...steps: readonly Step[]): readonly Step[] => ['source', 'users', ...steps];
  const zone = users?.timezone;
  return [
    ...(['validFrom', 'validTo', 'zone'] as const).flatMap((name) => {
      const text = users?.[name];
      return text === undefined
        ? []
        : errorUnlessValid('config.expression', check.expression(text, 'userRow', 'value'), at(name));
    }),
    ...(users?.dateFormats ?? []).flatMap((format, index) =>
      format === undefined
        ? []
        : errorUnlessValid('config.dateFormat', formatProblem(format), at('dateFormats', index)),
    ),
    ...(zone === undefined || isZone(zone)
      ? []
      : [errorAt('config.timezone', at('timezone'), `${JSON.stringify(zone)} is not a known time zone`)]),
    ...(users?.zone !== undefined && users.validFrom === undefined && users.validTo === undefined
      ? [errorAt('config.zoneWithoutDates', at('zone'), 'has no effect without validFrom or validTo')]
      : []),
  ];
};

/** The conditions that leave rows out, by part. */
function rowFilters(
  draft: PartialConfig,
): readonly (readonly [part: string, text: string | undefined, about: ExpressionSubject])[] {
  const source = rowSourceOf(draft);
  if (source === undefined) return [];
  const { users, groups, memberships } = source;
  return [
    ['users', users?.where, 'userRow'],
    ['groups', groups !== undefined && 'where' in groups ? groups.where : undefined, 'group'],
    ['memberships', memberships?.where, 'membership'],
  ];
}

/**
 * Without groups in the source, a rule that depends on them would make every user a leaver, so it is an error and not a
 * warning.
 */
export const userRulesHaveGroups: ConfigRule = (draft, { check }) => {
  const sources = [draft.source, ...Object.values(draft.sources ?? {})];
  if (draft.source === undefined || sources.some((source) => source !== undefined && 'groups' in source)) return [];
  return forEachTarget(draft, (target, at) => {
    const { scope, mapping } = target;
    const usesGroups = (entry: unknown): boolean =>
      expressionTexts(entry).some(([text]) => check.usesGroups(text, readsOf(draft, target)));
    const uses: readonly (readonly [isUsed: boolean, at: readonly Step[]])[] = [
      [usesGroups(scope?.users), ['scope', 'users']],
      [scope?.onlyMembers === true, ['scope', 'onlyMembers']],
      ...Object.entries(mapping?.user ?? {}).map(
        ([path, value]) => [usesGroups(value), ['mapping', 'user', path]] as const,
      ),
    ];
    return uses
      .filter(([isUsed]) => isUsed)
      .map(([, path]) =>
        errorAt(
          'config.groupsMissing',
          [...at, ...path],
          'depends on groups, and the source has none: add source.groups',
        ),
      );
  });
};

/** In a mapping, each key is a SCIM path, and each value that is text is an expression. */
export const mappingsCompile: ConfigRule = (draft, { check }) =>
  forEachTarget(draft, (target, at) => [
    ...checkMapping(target.mapping?.user ?? {}, 'user', [...at, 'mapping', 'user'], check, readsOf(draft, target)),
    ...checkMapping(target.mapping?.group ?? {}, 'group', [...at, 'mapping', 'group'], check, readsOf(draft, target)),
  ]);

/** `userName` and `username` are one attribute (RFC 7643 section 2.1), so two entries for it are ambiguous. */
export const attributesAreMappedOnce: ConfigRule = (draft) =>
  forEachTarget(draft, ({ mapping }, at) =>
    (['user', 'group'] as const).flatMap((section) => {
      const firstSpelling = new Map<string, string>();
      return Object.keys(mapping?.[section] ?? {}).flatMap((spelling) => {
        const path = canonicalAttribute(spelling);
        const previous = path === undefined ? undefined : firstSpelling.get(path);
        if (path !== undefined && previous === undefined) firstSpelling.set(path, spelling);
        if (previous === undefined) return [];
        return [
          errorAt(
            'config.attributeDuplicate',
            [...at, 'mapping', section, spelling],
            `is the same attribute as ${JSON.stringify(previous)}; keep one of the two`,
          ),
        ];
      });
    }),
  );

/** The attribute paths in an inline profile are valid. */
export const profilePathsAreValid: ConfigRule = (draft) =>
  forEachTarget(draft, ({ profile }, at) => {
    if (typeof profile !== 'object') return [];
    const { supports, protocol } = profile;
    const pathLists = [
      [['supports', 'onlyAttributes'], typeof supports?.onlyAttributes === 'string' ? [] : supports?.onlyAttributes],
      [['supports', 'unsupportedAttributes'], supports?.unsupportedAttributes],
      [['supports', 'requiredAttributes'], supports?.requiredAttributes],
      [['supports', 'caseInsensitive'], supports?.caseInsensitive],
      [['supports', 'ignoresPunctuation'], supports?.ignoresPunctuation],
      [['protocol', 'matchUsers'], protocol?.matchUsers],
      [['protocol', 'matchGroups'], protocol?.matchGroups],
    ] as const;
    const pathMaps = [
      [['supports', 'values'], supports?.values],
      [['supports', 'lists'], supports?.lists],
    ] as const;
    return [
      ...pathLists.flatMap(([name, paths = []]) =>
        paths.flatMap((path, index) =>
          path === undefined
            ? []
            : errorUnlessValid('config.attributePath', pathSyntaxError(path), [...at, 'profile', ...name, index]),
        ),
      ),
      ...pathMaps.flatMap(([name, byPath = {}]) =>
        Object.keys(byPath).flatMap((path) =>
          errorUnlessValid('config.attributePath', pathSyntaxError(path), [...at, 'profile', ...name, path]),
        ),
      ),
    ];
  });

/** The keys of `drift.policy` are attribute paths, besides `*` and `deleted`. */
export const driftPathsAreValid: ConfigRule = (draft) => [
  ...driftPathErrors(draft.drift?.policy, ['drift']),
  ...forEachTarget(draft, ({ drift }, at) => driftPathErrors(drift?.policy, [...at, 'drift'])),
];

const driftPathErrors = (policy: object = {}, at: readonly Step[]): readonly Diagnostic[] =>
  Object.keys(policy)
    .filter((path) => path !== '*')
    .flatMap((path) => errorUnlessValid('config.attributePath', pathSyntaxError(path), [...at, 'policy', path]));

/** What is wrong with the entries of a mapping. */
export function checkMapping(
  mapping: Readonly<Record<string, unknown>>,
  about: 'user' | 'group',
  at: readonly Step[],
  check: SyntaxChecks,
  reads?: Reads,
): readonly Diagnostic[] {
  return Object.entries(mapping).flatMap(([path, entry]) => {
    const policy = writtenPolicy(entry);
    return [
      ...errorUnlessValid('config.attributePath', pathSyntaxError(path), [...at, path]),
      ...(policy === undefined
        ? []
        : policyMistakes(path, policy).map(({ code, key, message }) => errorAt(code, [...at, path, key], message))),
      ...expressionTexts(entry).flatMap(([text, steps]) =>
        errorUnlessValid('config.expression', check.expression(text, about, 'value', reads), [...at, path, ...steps]),
      ),
    ];
  });
}

/** An error at `at`, or none if `message` is undefined. */
export function errorUnlessValid(
  code: IssueCode,
  message: string | undefined,
  at: readonly Step[],
): readonly Diagnostic[] {
  return message === undefined ? [] : [errorAt(code, at, message)];
}

function pathSyntaxError(path: string): string | undefined {
  try {
    parsePath(path);
    return undefined;
  } catch (error) {
    if (error instanceof PathSyntaxError) return error.message;
    throw error;
  }
}

function canonicalAttribute(path: string): string | undefined {
  return pathSyntaxError(path) === undefined ? canonical(parsePath(path)).toLowerCase() : undefined;
}
