import { errorAt, warningAt, type Diagnostic, type Step } from '../issues.ts';
import { sourceNameProblem } from '../../model/reading/source-names.ts';
import type { PartialConfig } from '../schema/config-schema.ts';
import { errorUnlessValid } from './expression-rules.ts';
import { isJoined, primarySourceName, sourceNames, type ConfigRule } from './config-rule.ts';

/** The draft of a file that contains another value than an object. */
const isNoObject = (draft: PartialConfig): boolean => Object.keys(draft).length === 0;

/** There is one source, or there are several of which exactly one decides who exists. */
export const onePrimarySource: ConfigRule = (draft) => {
  const { sources } = draft;
  if (sources === undefined)
    return 'source' in draft || isNoObject(draft)
      ? []
      : [
          errorAt(
            'config.missing',
            ['source'],
            'is missing; it, or "sources", states where users and groups come from',
          ),
        ];
  if ('source' in draft) return [errorAt('config.notAllowed', ['sources'], 'replaces source: keep one of the two')];
  const primary = primarySourceName(draft);
  if (primary === undefined)
    return [
      errorAt(
        'config.primarySource',
        ['sources'],
        'has no primary source: the source that decides who exists has no "join", and each of these has one',
      ),
    ];
  return Object.entries(sources).flatMap(([name, source]): readonly Diagnostic[] => {
    if (name === primary) {
      const isAlone = Object.keys(sources).length === 1;
      return [
        ...(isJoined(source)
          ? [
              errorAt(
                'config.primarySource',
                ['sources', name, 'join'],
                'remove this: the primary source has no "join"',
              ),
            ]
          : []),
        ...(isAlone
          ? [warningAt('config.noEffect', ['sources'], 'names one source only; "source" is the same without a name')]
          : []),
      ];
    }
    if (isJoined(source))
      return source?.primary === true
        ? [errorAt('config.primarySource', ['sources', name, 'primary'], `is the second one: ${primary} is primary`)]
        : [];
    return [
      errorAt(
        'config.primarySource',
        ['sources', name],
        `needs a "join": ${primary} is the primary source, which decides who exists, and there can be only one`,
      ),
    ];
  });
};

/** A source is a variable in expressions. */
export const sourceNamesAreVariables: ConfigRule = ({ sources = {} }) =>
  Object.keys(sources).flatMap((name) =>
    errorUnlessValid('config.sourceName', sourceNameProblem(name, Object.keys(sources)), ['sources', name]),
  );

/** Each side of a join reads its own source. */
export const joinsCompile: ConfigRule = (draft, { check }) => {
  const names = sourceNames(draft);
  if (names === undefined) return [];
  return names.joined.flatMap((name) => {
    const { join } = draft.sources?.[name] ?? {};
    const at: readonly Step[] = ['sources', name, 'join'];
    const checkSide = (side: 'on' | 'equals', source: string): readonly Diagnostic[] => {
      const text = join?.[side];
      if (text === undefined) return [];
      return errorUnlessValid('config.expression', check.joinValue?.(text, source, names), [...at, side]);
    };
    return [...checkSide('on', name), ...checkSide('equals', names.primary)];
  });
};

const primaryOnly: readonly (readonly [key: string, why: string])[] = [
  ['validFrom', 'the dates of users are those of the primary source'],
  ['validTo', 'the dates of users are those of the primary source'],
  ['active', 'the primary source decides who is active'],
];

/** What a joined source cannot decide. */
export const joinedSourcesAddAttributes: ConfigRule = (draft) =>
  (sourceNames(draft)?.joined ?? []).flatMap((name) => {
    const source = draft.sources?.[name];
    const at: readonly Step[] = ['sources', name];
    return [
      ...primaryOnly.flatMap(([key, why]) =>
        source?.users !== undefined && key in source.users
          ? [warningAt('config.noEffect', [...at, 'users', key], `has no effect in a joined source: ${why}`)]
          : [],
      ),
    ];
  });

/** Each source may have a schedule of its own. */
const schedulesAreCron: ConfigRule = ({ sources = {} }, { check }) =>
  Object.entries(sources).flatMap(([name, source]) =>
    source?.schedule === undefined
      ? []
      : errorUnlessValid('config.schedule', check.schedule(source.schedule), ['sources', name, 'schedule']),
  );

/** The rules about several sources. */
export const sourcesRules: readonly ConfigRule[] = [
  onePrimarySource,
  sourceNamesAreVariables,
  joinsCompile,
  joinedSourcesAddAttributes,
  schedulesAreCron,
];
