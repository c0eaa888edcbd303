import { writeFileSync } from 'node:fs';
import { realClock } from '../../../src/cli/clock.ts';
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { createCliWorkspace, type CliWorkspace } from '../../world/cli-workspace.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { profileWith } from '../../world/profile.ts';
import { seededRandom } from '../../world/random.ts';

const token = 'joined-token';

type Settings = Readonly<Record<string, unknown>>;

export interface Account {
  readonly id: string;
  readonly userName: string;
  readonly active: boolean;
  readonly title?: string;
  readonly emails?: readonly { readonly value: string }[];
  readonly [name: string]: unknown;
}

interface Group {
  readonly displayName: string;
  readonly members?: readonly { readonly value: string }[];
}

/** An application, two exports, and the command line. */
export interface JoinedWorld extends AsyncDisposable {
  readonly cli: CliWorkspace;
  readonly sandbox: Sandbox;
  /** Rows `id,name,title,status` of the primary source. */
  hr(...rows: readonly string[]): void;
  /** Rows `guid,employeeID,mail,phones` of the joined source. */
  ad(...rows: readonly string[]): void;
  configure(parts?: { readonly ad?: Settings; readonly hr?: Settings; readonly target?: Settings }): void;
  /** All accounts as the application shows them, by userName. */
  accounts(): Promise<readonly Account[]>;
  /** userName, state and e-mail address of all accounts: "ada active ada@example.com". */
  mails(): Promise<readonly string[]>;
  /** All groups with the userNames of their members: "Builder: bob cyd". */
  groups(): Promise<readonly string[]>;
}

export async function createJoinedWorld(): Promise<JoinedWorld> {
  const sandbox = await startSandbox({
    ...{
      clock: realClock,
      random: seededRandom(1),
      token,
      profile: profileWith({ limits: { requestsPerSecond: 1000 } }),
    },
  });
  const cli = createCliWorkspace({ APP_TOKEN: token });
  const write = (file: string, ...lines: readonly string[]): void =>
    writeFileSync(cli.path(file), [...lines, ''].join('\n'));
  const list = async <T>(endpoint: string): Promise<readonly T[]> => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${sandbox.url}/${endpoint}?count=100`, { headers });
    const { Resources = [] } = (await response.json()) as { Resources?: T[] };
    return Resources;
  };
  const accounts = async (): Promise<readonly Account[]> =>
    (await list<Account>('Users')).toSorted((one, other) => (one.userName < other.userName ? -1 : 1));
  return {
    cli,
    sandbox,
    hr: (...rows) => write('hr.csv', 'id,name,title,status', ...rows),
    ad: (...rows) => write('ad.csv', 'guid,employeeID,mail,phones', ...rows),
    configure({ ad = {}, hr = {}, target = {} } = {}) {
      const sanity = { maxShrink: '100%', maxBlank: '100%' };
      cli.configure({
        sources: {
          hr: {
            type: 'csv',
            users: { file: 'hr.csv', key: 'id', active: "user.status == 'employed'" },
            sanity,
            ...hr,
          },
          ad: {
            type: 'csv',
            users: { file: 'ad.csv', key: 'guid', listSeparator: ';' },
            sanity,
            join: { on: 'ad.employeeID', equals: 'hr.id', keyForm: ['trim', 'stripLeadingZeros'] },
            ...ad,
          },
        },
        targets: [
          {
            name: 'app',
            url: sandbox.url,
            profile: {},
            auth: { type: 'bearer', token: { env: 'APP_TOKEN' } },
            guard: unlimitedGuard,
            mapping: {
              user: {
                userName: 'hr.name',
                title: 'user.title',
                'emails[type eq "work"].value': 'ad.mail',
              },
            },
            limits: { requestsPerSecond: 1000 },
            ...target,
          },
        ],
      });
    },
    accounts,
    async mails() {
      return (await accounts()).map(({ userName, active, emails = [] }) =>
        `${userName} ${active ? 'active' : 'inactive'} ${emails.map(({ value }) => value).join(' ')}`.trim(),
      );
    },
    async groups() {
      const names = new Map((await accounts()).map(({ id, userName }) => [id, userName]));
      return (await list<Group>('Groups'))
        .map(({ displayName, members = [] }) => {
          const userNames = members.map(({ value }) => names.get(value) ?? value).sort();
          return `${displayName}: ${userNames.join(' ')}`.trim();
        })
        .sort();
    },
    async [Symbol.asyncDispose]() {
      await cli[Symbol.asyncDispose]();
      await sandbox.close();
    },
  };
}
