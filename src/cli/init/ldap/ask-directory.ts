import { InvariantError, OperatorError } from '../../../model/errors.ts';
import { checkFilter } from '../../program/check-filter.ts';
import { plural } from '../../print/format.ts';
import { ldapSettings } from '../../source/wire-source.ts';
import type { Dialogue } from '../dialogue/dialogue.ts';
import { none } from '../dialogue/question.ts';
import type { Settings } from '../draft-config.ts';
import type { InitContext } from '../init-context.ts';
import type { SourceAnswers } from '../source-answers.ts';
import { askConnection, type ConnectionAnswers } from './ask-connection.ts';
import { commonBase } from './common-base.ts';
import { countWithout, describeFound, filterChoices, loginChoices, proposeUserName } from './propose-users.ts';
import { openSurvey, type Found, type Survey } from './survey.ts';

/** Asks for a directory, looks at its entries, and proposes what its users and groups are. */
export async function askDirectory(context: InitContext): Promise<SourceAnswers> {
  const { dialogue } = context;
  for (;;) {
    const connection = await askConnection(context);
    let survey: Survey | undefined;
    try {
      survey = await openSurvey(connectionOf(context, connection), dialogue.given('--directory'), dialogue.signal);
      return await askEntries(dialogue, survey, connection);
    } catch (error) {
      dialogue.retry(error);
    } finally {
      survey?.close();
    }
  }
}

/** The settings of the connection, in a source whose search bases are not known yet. */
function connectionOf(
  { tryConfig }: InitContext,
  { settings, secrets }: ConnectionAnswers,
): ReturnType<typeof ldapSettings> {
  const { source } = tryConfig({ source: { ...settings, users: { base: 'dc=invalid' } }, secrets });
  if (source.type !== 'ldap') throw new InvariantError('a directory was asked for');
  return ldapSettings(source);
}

async function askEntries(
  dialogue: Dialogue,
  survey: Survey,
  { settings, secrets }: ConnectionAnswers,
): Promise<SourceAnswers> {
  const { kind, profile, contexts } = survey;
  dialogue.show(`the directory answers: ${kind}, with ${contexts.join(', ')}`);
  const { base, filter, users } = await askUsers(dialogue, survey);
  const key = dialogue.given('--key');
  dialogue.show(`users below ${base}: ${describeFound(users)}`);
  dialogue.show(`key of users: ${key ?? profile.key ?? profile.id.attribute}`);
  const userName = await askUserName(dialogue, survey, users);
  return {
    source: {
      ...{ ...settings, directory: kind },
      users: { base, ...(filter === none ? {} : { filter }), ...(key === undefined ? {} : { key }) },
      ...(await askGroups(dialogue, survey)),
    },
    mapping: { user: userName, group: {} },
    timezone: undefined,
    secrets,
  };
}

/** Asks which entries are users, until there are some. */
async function askUsers(
  dialogue: Dialogue,
  survey: Survey,
): Promise<{ readonly base: string; readonly filter: string; readonly users: Found }> {
  const all = await survey.find('users');
  if (all.dns.length === 0) throw noUsers(survey);
  dialogue.show(`users: ${describeFound(all)}`);
  for (;;) {
    const base = await dialogue.ask({
      ...{ flag: '--base', value: '<dn>', text: 'Below which entry are the users?' },
      proposal: baseOf(all, survey.contexts),
      check: isDn,
    });
    try {
      const below = await survey.find('users', { base });
      if (below.dns.length === 0) throw noUsers(survey, base);
      const filter = await askFilter(dialogue, below);
      const users = filter === none ? below : await survey.find('users', { base, filter });
      if (users.dns.length === 0) throw noUsers(survey, base);
      return { base, filter, users };
    } catch (error) {
      dialogue.retry(error);
    }
  }
}

const askFilter = (dialogue: Dialogue, users: Found): Promise<string> =>
  dialogue.ask({
    ...{ flag: '--filter', value: '<filter>', text: 'Which of them are users?', proposal: none },
    hint: 'An LDAP filter, in addition to that of the kind of directory. Accounts of programs often have no number.',
    choices: [{ answer: none, note: `all ${countText(users)}` }, ...filterChoices(users)],
    check: filterProblem,
  });

/** The attribute of userName is asked only where the one of the kind of directory is missing in some users. */
async function askUserName(dialogue: Dialogue, { profile }: Survey, users: Found): Promise<Settings> {
  const given = dialogue.given('--user-name');
  const usual = profile.mapping.user['userName'] ?? '';
  const proposal = proposeUserName(users, usual);
  if (given === undefined && proposal === undefined) {
    const lacking = countWithout(users, usual);
    if (lacking > 0) dialogue.show(`warning: ${plural(lacking, 'user')} without ${usual} will be rejected`);
    return {};
  }
  const attribute = await dialogue.ask({
    ...{ flag: '--user-name', value: '<attribute>', proposal: proposal ?? none },
    text: 'Which attribute is the name by which a user logs in (userName)?',
    hint: `By default ${usual}, which some users lack`,
    choices: [...loginChoices(users), { answer: none, note: 'the default' }],
    check: (text) => (/^[A-Za-z][A-Za-z0-9-]*$/.test(text) ? undefined : 'is no attribute'),
  });
  return attribute === none ? {} : { userName: `user.${attribute}` };
}

async function askGroups(dialogue: Dialogue, survey: Survey): Promise<Settings> {
  const all = await survey.find('groups');
  dialogue.show(`groups: ${all.dns.length === 0 ? none : countText(all)}`);
  const base = await dialogue.ask({
    ...{ flag: '--groups-base', value: '<dn>', text: 'Below which entry are the groups?' },
    hint: `"${none}" for no groups`,
    proposal: all.dns.length === 0 ? none : baseOf(all, survey.contexts),
    check: (text) => (text === none ? undefined : isDn(text)),
  });
  if (base === none) return {};
  const filter = await dialogue.ask({
    ...{ flag: '--groups-filter', value: '<filter>', text: 'Which groups?', proposal: none },
    hint: `An LDAP filter such as (cn=app-*), or "${none}" for all`,
    check: filterProblem,
  });
  const groups = await survey.find('groups', { base, ...(filter === none ? {} : { filter }) });
  dialogue.show(`groups below ${base}: ${countText(groups)}`);
  return { groups: { base, ...(filter === none ? {} : { filter }) } };
}

const baseOf = ({ dns }: Found, contexts: readonly string[]): string | undefined => commonBase(dns) ?? contexts[0];

const countText = ({ dns, isCut }: Found): string => `${isCut ? 'more than ' : ''}${dns.length}`;

const isDn = (text: string): string | undefined =>
  text.includes('=') ? undefined : 'must be a DN such as ou=people,dc=example,dc=com';

const filterProblem = (text: string): string | undefined => {
  const problem = text === none ? undefined : checkFilter(text);
  return problem === undefined ? undefined : `is no LDAP filter: ${problem}`;
};

const noUsers = ({ contexts, kind }: Survey, base?: string): OperatorError =>
  new OperatorError(
    'init.noUsers',
    `no users are visible below ${base ?? (contexts.join(', ') || 'any entry')} (kind of directory: ${kind}). ` +
      'Check the account, which needs the right to read them, the base and the filter',
  );
