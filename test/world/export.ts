import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Company, Person } from './company.ts';

export type Row = Readonly<Record<string, string>>;

/** Columns and order of the rows; by default those of `userColumns` and of the company. */
export interface ExportOptions {
  readonly columns?: readonly string[];
  readonly order?: (rows: readonly Row[]) => readonly Row[];
}

export const userColumns = [
  'id',
  'userName',
  'name.givenName',
  'name.familyName',
  'email',
  'title',
  'department',
  'manager',
  'active',
  'teams',
] as const;

/** Writes users.csv, groups.csv and memberships.csv. */
export function writeExport(company: Company, folder: string, options: ExportOptions = {}): void {
  const order = options.order ?? ((rows: readonly Row[]) => rows);
  writeFileSync(
    join(folder, 'users.csv'),
    toCsv(
      options.columns ?? userColumns,
      order([...company.people.values()].map((person) => userRow(company, person))),
    ),
  );
  const teams = [...company.teams.values()];
  writeFileSync(
    join(folder, 'groups.csv'),
    toCsv(['id', 'displayName'], order(teams.map(({ id, displayName }) => ({ id, displayName })))),
  );
  const memberships = teams.flatMap(({ id, members }) => [...members].map((member) => ({ group: id, member })));
  writeFileSync(join(folder, 'memberships.csv'), toCsv(['group', 'member'], order(memberships)));
}

export function userRow(company: Company, person: Person): Row {
  const teams = [...company.teams.values()]
    .filter(({ members }) => members.has(person.id))
    .map(({ displayName }) => displayName);
  return {
    id: person.id,
    userName: person.userName,
    'name.givenName': person.givenName,
    'name.familyName': person.familyName,
    email: person.email,
    title: person.title,
    department: person.department,
    manager: person.manager ?? '',
    active: String(person.active),
    teams: teams.join(';'),
  };
}

/** CSV with a header (RFC 4180). Only fields that need quotes have them. */
export function toCsv(columns: readonly string[], rows: readonly Row[], delimiter = ','): string {
  const quote = (text: string): string =>
    /[",\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]
    .map((cells) => `${cells.map(quote).join(delimiter)}\n`)
    .join('');
}
