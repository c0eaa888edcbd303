import { attributeExpression } from '../../../desired/expressions/attribute-variables.ts';
import { activeColumnAmong } from '../../../source/table/active.ts';
import { isZone } from '../../../model/dates/zone.ts';
import type { Dialogue } from '../dialogue/dialogue.ts';
import { none } from '../dialogue/question.ts';
import type { Settings } from '../draft-config.ts';
import { columnChoices, isColumn } from './ask-users.ts';
import type { ColumnFacts } from './column-facts.ts';
import { activeAmong, activeExpression, needsNoExpression, proposeActive, statusColumns } from './propose-active.ts';
import { dateColumns, fittingFormats, formatFits, mixedDateColumns, proposeDates } from './propose-dates.ts';

/** Asks how the file shows who is active. @returns the settings of the users */
export async function askActive(dialogue: Dialogue, columns: readonly ColumnFacts[]): Promise<Settings> {
  // A column with this name decides without a setting, so leaving it out is a decision.
  const hasActive = activeColumnAmong(columns.map(({ name }) => name)) !== undefined;
  const proposal = proposeActive(columns)?.column ?? (hasActive ? undefined : none);
  const column = await dialogue.ask({
    ...{ flag: '--active-column', value: '<column>', text: 'Which column shows whether a user is active?' },
    hint: 'Without one, all users in the file are active, and who leaves it is a leaver.',
    choices: [...columnChoices(statusColumns(columns)), { answer: none }],
    proposal,
    check: isColumn(columns, none),
  });
  if (column === none) return hasActive ? { active: 'true' } : {};
  const distinct = columns.find(({ name }) => name === column)?.distinct ?? [];
  const active = { column, values: activeAmong(distinct) };
  if (needsNoExpression(columns, active) && dialogue.given('--active-values') === undefined) return {};
  const answer = await dialogue.ask({
    ...{ flag: '--active-values', value: '<values>', text: `Which values of ${column} do active users have?` },
    hint: `Separate them by commas. The values of the file: ${distinct.join(', ')}. Any other one means inactive.`,
    ...(active.values.length === 0 ? {} : { proposal: active.values.join(', ') }),
    check: (text) => {
      const unknown = listOf(text).filter((value) => !distinct.includes(value));
      return distinct.length === 0 || unknown.length === 0
        ? undefined
        : `is not possible: no row has ${unknown.join(', ')}; the values are ${distinct.join(', ')}`;
    },
  });
  return { active: activeExpression({ column, values: listOf(answer) }) };
}

const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** The answers about dates. */
export interface DateAnswers {
  /** Settings of the users. */
  readonly users: Settings;
  /** The zone in which days begin; undefined: no date decides anything. */
  readonly timezone: string | undefined;
}

/** Asks which dates give and end access. @param zone the proposed time zone */
export async function askDates(
  dialogue: Dialogue,
  columns: readonly ColumnFacts[],
  zone: string,
): Promise<DateAnswers> {
  const dates = dateColumns(columns);
  const mixed = mixedDateColumns(columns);
  const proposal = proposeDates(dates);
  const mixedProposal = proposeDates(mixed);
  // Without a last day, leavers keep access. So "none" is no proposal where a column is named like one.
  const ask = (flag: string, text: string, kind: 'start' | 'end'): Promise<string> => {
    const unusable = proposal[kind] === undefined ? mixedProposal[kind] : undefined;
    return dialogue.ask({
      ...{ flag, value: '<column>', text },
      ...(unusable === undefined ? { proposal: proposal[kind] ?? none } : { hint: mixedHint(mixed, unusable) }),
      choices: [...columnChoices(dates), { answer: none }],
      check: isColumn(columns, none),
    });
  };
  const isAsked =
    dates.length + mixed.length > 0 ||
    ['--start-column', '--end-column'].some((flag) => dialogue.given(flag) !== undefined);
  if (!isAsked) return { users: {}, timezone: undefined };
  const start = await ask('--start-column', 'Which column has the first day of a user?', 'start');
  const end = await ask('--end-column', 'Which column has the last day of a user?', 'end');
  const chosen = columns.filter(({ name }) => name === start || name === end);
  if (chosen.length === 0) return { users: {}, timezone: undefined };
  const format = await askFormat(dialogue, chosen);
  const timezone = await dialogue.ask({
    ...{ flag: '--timezone', value: '<zone>', text: 'In which time zone does a day begin?', proposal: zone },
    check: (text) => (isZone(text) ? undefined : 'is no time zone such as Europe/Berlin'),
  });
  const expression = (column: string): string => attributeExpression('user', column);
  return {
    users: {
      ...(start === none ? {} : { validFrom: expression(start) }),
      ...(end === none ? {} : { validTo: expression(end) }),
      ...(format === '' ? {} : { dateFormats: [format] }),
    },
    timezone,
  };
}

function mixedHint(mixed: readonly ColumnFacts[], name: string): string {
  const examples = mixed.find((column) => column.name === name)?.examples.slice(0, 3) ?? [];
  return `"${name}" has dates in no common format: ${examples.join(', ')}. Correct the export, or answer "${none}".`;
}

/** The format of dates, which is asked only where several fit or none does. */
async function askFormat(dialogue: Dialogue, columns: readonly ColumnFacts[]): Promise<string> {
  const values = new Set(columns.flatMap((column) => [...column.values]));
  const fitting = fittingFormats(values);
  const only = fitting.includes('') ? '' : fitting.length === 1 ? fitting[0] : undefined;
  if (dialogue.given('--date-format') === undefined && only !== undefined) return only;
  const examples = [...values].slice(0, 3).join(', ');
  return dialogue.ask({
    flag: '--date-format',
    value: '<format>',
    text:
      fitting.length > 1
        ? `Dates such as ${examples} have several meanings. Which format is right?`
        : `In which format are dates such as ${examples}?`,
    hint: 'dd is the day, MM the month, yyyy the year.',
    choices: fitting.map((answer) => ({ answer })),
    check: (format) =>
      formatFits(format, values) ? undefined : `does not fit the dates of the file, such as ${examples}`,
  });
}
