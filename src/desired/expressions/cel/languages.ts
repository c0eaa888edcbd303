import { Environment } from '@marcbachmann/cel-js';
import { createDateFunctions } from '../../../model/dates/date-functions.ts';
import type { DateSettings } from '../../../model/dates/read-date.ts';
import type { SourceNames } from '../../../model/reading/source-names.ts';
import type { Tables } from '../../../model/target/tables.ts';
import type { ExpressionSubject } from '../../expression-context.ts';
import { noVariables, sourceVariables, type AttributeVariables } from '../attribute-variables.ts';
import { charge, costOf } from './cost.ts';

/** What expressions about one subject may read and call. */
export interface Language {
  readonly environment: Environment;
  readonly variables: AttributeVariables;
  /** Those of them that are named after sources. */
  readonly ofSources: AttributeVariables;
}

export const groupVariables = ['groups', 'groupKeys'] as const;

const userVariables = { user: 'map<string, string>', values: 'map<string, list<string>>' };

const languages: Readonly<Record<ExpressionSubject, Language>> = {
  user: language(userVariables, Object.fromEntries(groupVariables.map((name) => [name, 'list<string>']))),
  userRow: language(userVariables),
  group: language({ group: 'map<string, string>', values: 'map<string, list<string>>' }),
  membership: language({ membership: 'map<string, string>', values: 'map<string, list<string>>' }),
  resource: language({ scim: 'map<string, dyn>' }),
};

/** @param types variables with attributes @param lists variables without attributes */
function language(types: Readonly<Record<string, string>>, lists: Readonly<Record<string, string>> = {}): Language {
  const environment = new Environment({ homogeneousAggregateLiterals: false });
  for (const [name, type] of Object.entries({ ...types, ...lists })) environment.registerVariable(name, type);
  // String functions of CEL's extension library that the package does not provide.
  environment.registerFunction('string.replace(string, string): string', replace, { async: false });
  const variables = Object.keys(types).map((name) => [name, { source: undefined, isList: name === 'values' }] as const);
  return { environment, variables: new Map(variables), ofSources: noVariables };
}

/** @throws CostExceeded for a result that would be too long */
function replace(text: string, from: string, to: string): string {
  const occurrences = text.length / Math.max(from.length, 1) + 1;
  charge(costOf(text) + (occurrences * to.length) / 16);
  return text.replaceAll(from, () => to);
}

const languagesWithSources = new Map<string, Language>();

/**
 * The language of an expression: the functions for dates, the variables of sources in expressions about users, and the
 * tables.
 */
export function languageOf(
  subject: ExpressionSubject,
  dates: DateSettings,
  sources: SourceNames | undefined,
  tables: Tables | undefined,
): Language {
  const language = languageWithoutTables(subject, dates, sources);
  return tables === undefined ? language : { ...language, environment: withTables(language.environment, tables) };
}

function languageWithoutTables(
  subject: ExpressionSubject,
  dates: DateSettings,
  sources: SourceNames | undefined,
): Language {
  const { variables } = languages[subject];
  const environment = withDates(subject, dates);
  if (sources === undefined || subject !== 'user') return { environment, variables, ofSources: noVariables };
  const id = JSON.stringify([sources, dates]);
  let extended = languagesWithSources.get(id);
  if (extended === undefined) {
    const ofSources = sourceVariables(sources);
    const withSources = environment.clone();
    for (const [name, { isList }] of ofSources)
      withSources.registerVariable(name, isList ? userVariables.values : userVariables.user);
    extended = { environment: withSources, variables: new Map([...variables, ...ofSources]), ofSources };
    languagesWithSources.set(id, extended);
  }
  return extended;
}

/** ISO 8601 and numbers, in UTC. */
export const isoDates: DateSettings = { formats: [], zone: 'UTC', numbers: 'excel' };
const dateEnvironments = new Map<string, Environment>();

/** The environment with the functions for dates, in expressions of targets about users and groups. */
function withDates(subject: ExpressionSubject, dates: DateSettings): Environment {
  const { environment } = languages[subject];
  if (subject !== 'user' && subject !== 'group') return environment;
  const id = JSON.stringify([subject, dates.formats, dates.zone, dates.numbers]);
  let extended = dateEnvironments.get(id);
  if (extended === undefined) {
    const { parseDate, formatDate } = createDateFunctions(dates);
    const moment = environment.parse('timestamp(0)').check().type ?? 'dyn';
    const options = { async: false };
    extended = environment
      .clone()
      .registerFunction(`parseDate(string): ${moment}`, parseDate, options)
      .registerFunction('formatDate(string, string): string', formatDate, options)
      .registerFunction(`formatDate(${moment}, string): string`, formatDate, options);
    dateEnvironments.set(id, extended);
  }
  return extended;
}

const tableEnvironments = new WeakMap<Tables, Map<Environment, Environment>>();

/** The environment with the tables of a configuration as the constant `tables`. */
function withTables(environment: Environment, tables: Tables): Environment {
  const known = tableEnvironments.get(tables) ?? new Map<Environment, Environment>();
  tableEnvironments.set(tables, known);
  let extended = known.get(environment);
  if (extended === undefined) {
    // Maps, not objects: a table may have the key "constructor". CEL's integers are BigInts.
    const rows = (table: Tables[string]): Map<string, unknown> => new Map(Object.entries(table));
    const value = new Map(Object.entries(tables).map(([name, table]) => [name, rows(table)]));
    extended = environment.clone().registerConstant('tables', 'map<string, map<string, dyn>>', value);
    known.set(environment, extended);
  }
  return extended;
}
