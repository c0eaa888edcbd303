import { Option } from 'commander';

/** The flags whose values are answers, by what they are about. */
const answers: readonly (readonly [flags: string, description: string])[] = [
  ['--source <kind>', 'where users come from: csv or ldap'],
  ['--file <file>', 'CSV: the file with one row for each user'],
  ['--encoding <name>', 'CSV: the encoding; found out by default'],
  ['--delimiter <character>', 'CSV: the separator of cells; found out by default'],
  ['--skip-lines <n>', 'CSV: the number of lines before the header; found out by default'],
  ['--key <column>', 'the column, or attribute of a directory, that identifies a person for ever'],
  ['--rows <rows>', 'CSV: which of several rows with one key is the user: first, last or anyActive'],
  ['--active-column <column>', 'CSV: the column that shows whether a user is active, or "none"'],
  ['--active-values <values>', 'CSV: its values for active users, separated by commas'],
  ['--start-column <column>', 'CSV: the column with the first day of a user, or "none"'],
  ['--end-column <column>', 'CSV: the column with the last day of a user, or "none"'],
  ['--date-format <format>', 'CSV: the format of these dates, such as dd.MM.yyyy'],
  ['--timezone <zone>', 'the time zone in which a day begins, such as Europe/Berlin'],
  ['--groups <where>', 'CSV: where groups come from: column, files or none'],
  ['--groups-column <column>', 'CSV: the column with the groups of a user'],
  ['--groups-separator <text>', 'CSV: what separates the groups of one user'],
  ['--groups-file <file>', 'CSV: the file with one row for each group'],
  ['--groups-key <column>', 'CSV: the column that identifies a group'],
  ['--memberships-file <file>', 'CSV: the file with one row for each membership'],
  ['--group-column <column>', 'CSV: its column with the key of the group'],
  ['--member-column <column>', 'CSV: its column with the key of the user'],
  ['--user-name <column>', 'the column or attribute that becomes userName'],
  ['--ldap-url <url>', 'LDAP: the URL of the directory, such as ldaps://dc1.corp.example'],
  ['--ca-file <file>', 'LDAP: the CA of the directory\'s certificate (PEM), or "none" for the system\'s CAs'],
  ['--start-tls <answer>', 'LDAP: whether StartTLS encrypts an ldap:// connection: yes or no'],
  ['--bind-dn <dn>', 'LDAP: the account that reads the directory, or "none"'],
  ['--bind-password <place>', 'LDAP: where its password is: env:NAME or file:PATH'],
  ['--directory <kind>', 'LDAP: the kind of directory; found out by default'],
  ['--base <dn>', 'LDAP: the entry below which users are'],
  ['--filter <filter>', 'LDAP: which of these are users, such as (employeeNumber=*), or "none"'],
  ['--groups-base <dn>', 'LDAP: the entry below which groups are, or "none"'],
  ['--groups-filter <filter>', 'LDAP: which groups, such as (cn=app-*), or "none"'],
  ['--target-url <url>', "the base URL of the application's SCIM endpoint"],
  ['--profile <name>', 'which application it is: the name of a profile'],
  ['--name <name>', 'the name of the application in commands and messages'],
  ['--auth <kind>', 'how scimsync authenticates there: bearer, oauth2, basic, header or none'],
  ['--secret <place>', 'where its token, password or other secret is: env:NAME or file:PATH'],
  ['--token-url <url>', 'oauth2: the URL that gives tokens'],
  ['--client-id <id>', 'oauth2: the client id'],
  ['--oauth-scope <scopes>', 'oauth2: the requested scopes, or "none"'],
  ['--audience <audience>', 'oauth2: the requested audience, or "none"'],
  ['--username <name>', 'basic: the user name'],
  ['--header-name <name>', 'header: the name of the header'],
];

/** The options of `init` whose values are answers. */
export const answerOptions = (): readonly Option[] =>
  answers.map(([flags, description]) => new Option(flags, description));

/** The answers among the parsed options: `--key` → `employee_number`. */
export function answersOf(parsed: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  return new Map(
    answerOptions().flatMap((option): [string, string][] => {
      const value = parsed[option.attributeName()];
      return typeof option.long === 'string' && typeof value === 'string' ? [[option.long, value]] : [];
    }),
  );
}
