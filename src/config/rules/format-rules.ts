import { errorAt } from '../issues.ts';
import { rowSourceOf, type ConfigRule } from './config-rule.ts';

/** The options that have no effect in a format. */
const otherOptions: Readonly<Record<string, readonly string[]>> = {
  csv: ['columns', 'items', 'paging'],
  jsonLines: ['delimiter', 'encoding', 'skipLines', 'items', 'paging'],
  json: ['delimiter', 'encoding', 'skipLines'],
};

/** Options of one format are a mistake in another one: JSON has no delimiter, and CSV names its columns in a header. */
export const formatOptionsFit: ConfigRule = (draft) => {
  const source = rowSourceOf(draft);
  if (source === undefined) return [];
  const byDefault = source.type === 'http' ? 'json' : 'csv';
  const ofUsers = source.users !== undefined && 'format' in source.users ? source.users.format : undefined;
  return (['users', 'groups', 'memberships'] as const).flatMap((part) => {
    const options = source[part];
    if (options === undefined || 'column' in options) return [];
    const format = ('format' in options ? options.format : undefined) ?? ofUsers ?? byDefault;
    return Object.keys(options)
      .filter((name) => otherOptions[format]?.includes(name))
      .map((name) =>
        errorAt('config.formatOption', ['source', part, name], `has no effect in the format ${format}; remove it`),
      );
  });
};
