import { formatPath as canonical, parsePath, PathSyntaxError } from '../model/path.ts';
import { failure, type Finding, type Step } from './issues.ts';
import { eachTarget, type Checks, type Rule } from './rule.ts';

/** Expressions that decide: who is active, who is in scope, what is protected. */
export const conditionsAreExpressions: Rule = (draft, { check }) => {
  const condition = (
    text: string | undefined,
    about: 'user' | 'group' | 'resource',
    at: readonly Step[],
  ): readonly Finding[] => (text === undefined ? [] : complaint(check.expression(text, about, 'condition'), at));
  return [
    ...condition(draft.source?.users?.active, 'user', ['source', 'users', 'active']),
    ...eachTarget(draft, ({ scope, protect }, at) => [
      ...condition(scope?.users, 'user', [...at, 'scope', 'users']),
      ...condition(scope?.groups, 'group', [...at, 'scope', 'groups']),
      ...condition(protect, 'resource', [...at, 'protect']),
    ]),
  ];
};

/** The left side of a mapping is a SCIM path, the right side an expression where it is text. */
export const mappingsAreReadable: Rule = (draft, { check }) =>
  eachTarget(draft, ({ mapping }, at) => [
    ...lines(mapping?.user ?? {}, 'user', [...at, 'mapping', 'user'], check),
    ...lines(mapping?.group ?? {}, 'group', [...at, 'mapping', 'group'], check),
  ]);

/** `userName` and `username` are one attribute (RFC 7643 section 2.1): which of two rules would hold is nobody's guess. */
export const mappedOnce: Rule = (draft) =>
  eachTarget(draft, ({ mapping }, at) =>
    (['user', 'group'] as const).flatMap((kind) => {
      const first = new Map<string, string>();
      return Object.keys(mapping?.[kind] ?? {}).flatMap((written) => {
        const path = attributeOf(written);
        const earlier = path === undefined ? undefined : first.get(path);
        if (path !== undefined && earlier === undefined) first.set(path, written);
        if (earlier === undefined) return [];
        return [
          failure(
            [...at, 'mapping', kind, written],
            `is the same attribute as ${JSON.stringify(earlier)}; keep one of the two`,
          ),
        ];
      });
    }),
  );

/** The attribute paths in a profile that stands in the configuration. */
export const profilePathsAreScim: Rule = (draft) =>
  eachTarget(draft, ({ profile }, at) => {
    if (typeof profile !== 'object') return [];
    const { holds, speaks } = profile;
    const lists = [
      [['holds', 'keeps'], typeof holds?.keeps === 'string' ? [] : holds?.keeps],
      [['holds', 'drops'], holds?.drops],
      [['holds', 'needs'], holds?.needs],
      [['holds', 'foldsCase'], holds?.foldsCase],
      [['holds', 'foldsPunctuation'], holds?.foldsPunctuation],
      [['speaks', 'matchUsers'], speaks?.matchUsers],
      [['speaks', 'matchGroups'], speaks?.matchGroups],
    ] as const;
    const rules = [
      [['holds', 'values'], holds?.values],
      [['holds', 'lists'], holds?.lists],
    ] as const;
    return [
      ...lists.flatMap(([name, paths = []]) =>
        paths.flatMap((path, index) =>
          path === undefined ? [] : complaint(pathComplaint(path), [...at, 'profile', ...name, index]),
        ),
      ),
      ...rules.flatMap(([name, byPath = {}]) =>
        Object.keys(byPath).flatMap((path) => complaint(pathComplaint(path), [...at, 'profile', ...name, path])),
      ),
    ];
  });

/** What is wrong with the lines of a mapping. */
export function lines(
  mapping: Readonly<Record<string, unknown>>,
  about: 'user' | 'group',
  at: readonly Step[],
  check: Checks,
): readonly Finding[] {
  return Object.entries(mapping).flatMap(([path, rule]) => [
    ...complaint(pathComplaint(path), [...at, path]),
    ...(typeof rule === 'string' ? complaint(check.expression(rule, about, 'value'), [...at, path]) : []),
  ]);
}

export function complaint(message: string | undefined, at: readonly Step[]): readonly Finding[] {
  return message === undefined ? [] : [failure(at, message)];
}

function pathComplaint(path: string): string | undefined {
  try {
    parsePath(path);
    return undefined;
  } catch (error) {
    if (error instanceof PathSyntaxError) return error.message;
    throw error;
  }
}

function attributeOf(path: string): string | undefined {
  return pathComplaint(path) === undefined ? canonical(parsePath(path)).toLowerCase() : undefined;
}
