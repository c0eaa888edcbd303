import { writeFileSync } from 'node:fs';
import { createCliWorkspace, type CliWorkspace } from '../../world/cli-workspace.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { startStrictServer, type StrictServer } from '../../world/strict-server/strict-server.ts';

/** Two applications with the people and groups of three CSV files. */
export interface TwoTargets extends AsyncDisposable {
  readonly cli: CliWorkspace;
  readonly crm: StrictServer;
  readonly wiki: StrictServer;
  /** Rows of `id,login,title,boss`. */
  people(...rows: readonly string[]): void;
  /** Rows of `id,name`. */
  groups(...rows: readonly string[]): void;
  /** Rows of `group,member`. */
  members(...rows: readonly string[]): void;
}

/** @param target settings of both targets */
export async function createTwoTargets(target: object = {}, source: object = {}): Promise<TwoTargets> {
  const [crm, wiki] = [await startStrictServer({ token: 't' }), await startStrictServer({ token: 't' })];
  const cli = createCliWorkspace({ APP_TOKEN: 't' });
  const targetAt = (name: string, { url }: StrictServer): object => ({
    ...{ name, url, guard: unlimitedGuard, limits: { requestsPerSecond: 1000 } },
    auth: { type: 'bearer', token: { env: 'APP_TOKEN' } },
    mapping: {
      user: {
        ...{ userName: 'user.login', title: 'user.title', manager: 'user.boss' },
        'emails[type eq "work"].value': "user.login + '@corp.example'",
      },
      group: { displayName: 'group.name' },
    },
    ...target,
  });
  cli.configure({
    timezone: 'Europe/Berlin',
    source: {
      type: 'csv',
      users: { file: 'people.csv', key: 'id' },
      groups: { file: 'groups.csv', key: 'id' },
      memberships: { file: 'members.csv', group: 'group', member: 'member' },
      sanity: { maxShrink: '100%', maxBlank: '100%' },
      ...source,
    },
    targets: [targetAt('crm', crm), targetAt('wiki', wiki)],
  });
  const write = (file: string, header: string, rows: readonly string[]): void =>
    writeFileSync(cli.path(file), [header, ...rows, ''].join('\n'));
  return {
    ...{ cli, crm, wiki },
    people: (...rows) => write('people.csv', 'id,login,title,boss', rows),
    groups: (...rows) => write('groups.csv', 'id,name', rows),
    members: (...rows) => write('members.csv', 'group,member', rows),
    async [Symbol.asyncDispose]() {
      await cli[Symbol.asyncDispose]();
      await crm.close();
      await wiki.close();
    },
  };
}

/** userName → title, and the names of the groups; '-' is inactive. */
export function stateOf(server: StrictServer): Readonly<Record<string, string>> {
  const groups = [...server.groups.values()];
  const isIn = (group: Readonly<Record<string, unknown>>, id: string): boolean =>
    ((group['members'] ?? []) as { value: string }[]).some(({ value }) => value === id);
  return Object.fromEntries(
    [...server.users.values()].map(({ id, data }) => [
      String(data['userName']),
      [
        data['active'] === false ? '-' : data['title'],
        // Groups are created side by side, so their order at the server has no meaning.
        ...groups
          .filter(({ data: group }) => isIn(group, id))
          .map(({ data: group }) => String(group['displayName']))
          .sort(),
      ].join(' '),
    ]),
  );
}
