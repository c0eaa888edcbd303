import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Company, Person } from './company.ts';

export type Row = Readonly<Record<string, string>>;

/** How the export is written; by default as `people` gives it. */
export interface Layout {
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

/** users.csv, groups.csv and memberships.csv, the way HR would export them. */
export function writeExport(made: Company, folder: string, layout: Layout = {}): void {
  const order = layout.order ?? ((rows: readonly Row[]) => rows);
  writeFileSync(
    join(folder, 'users.csv'),
    table(layout.columns ?? userColumns, order([...made.people.values()].map((person) => userRow(made, person)))),
  );
  const teams = [...made.teams.values()];
  writeFileSync(
    join(folder, 'groups.csv'),
    table(['id', 'displayName'], order(teams.map(({ id, displayName }) => ({ id, displayName })))),
  );
  const edges = teams.flatMap(({ id, members }) => [...members].map((member) => ({ group: id, member })));
  writeFileSync(join(folder, 'memberships.csv'), table(['group', 'member'], order(edges)));
}

export function userRow(made: Company, person: Person): Row {
  const teams = [...made.teams.values()]
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

/** RFC 4180 with a heading; quotes only where they are needed. */
export function table(columns: readonly string[], rows: readonly Row[], delimiter = ','): string {
  const cell = (text: string): string =>
    /[",\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]
    .map((cells) => `${cells.map(cell).join(delimiter)}\n`)
    .join('');
}
