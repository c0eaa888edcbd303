import { errorAt } from '../issues.ts';
import { rowSourceOf, type ConfigRule } from './config-rule.ts';

const csvOptions = ['delimiter', 'encoding', 'skipLines'] as const;

/** Options of one format are a mistake in another one: JSON has no delimiter, and CSV names its columns in a header. */
export const formatOptionsFit: ConfigRule = (draft) => {
  const source = rowSourceOf(draft);
  if (source === undefined) return [];
  const defaultFormat = (source.users !== undefined && 'format' in source.users ? source.users.format : 'csv') ?? 'csv';
  return (['users', 'groups', 'memberships'] as const).flatMap((part) => {
    const options = source[part];
    if (options === undefined || 'column' in options) return [];
    const format = ('format' in options ? options.format : undefined) ?? defaultFormat;
    const wrong: readonly string[] = format === 'csv' ? ['columns'] : csvOptions;
    return Object.keys(options)
      .filter((name) => wrong.includes(name))
      .map((name) =>
        errorAt(
          'config.formatOption',
          ['source', part, name],
          format === 'csv'
            ? 'has no effect: CSV rows have a header; remove it'
            : `has no effect in ${format}; remove it`,
        ),
      );
  });
};
