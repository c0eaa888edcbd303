import { compileTargetMapping } from '../../../src/desired/target-mapping.ts';
import { exitCodeOfPass } from '../../../src/cli/commands/sync.ts';
import { managerPath } from '../../../src/model/path.ts';
import type { LeaverAction } from '../../../src/model/resource.ts';
import { minuteMs } from '../../../src/model/time.ts';
import type { Resource } from '../../../src/sandbox/sandbox.ts';
import type { SendResult } from '../../../src/scim/transport/message.ts';
import { createTarget } from '../../../src/scim/target.ts';
import { openStore } from '../../../src/store/sqlite-store.ts';
import type { SyncDeps, TargetSpec } from '../../../src/sync/context.ts';
import { sync } from '../../../src/sync/pass.ts';
import { sandboxToken } from '../../world/in-process-sandbox.ts';
import { profileWith } from '../../world/profile.ts';
import { randomInt, seededRandom } from '../../world/random.ts';
import { createSkippingClock } from '../../world/skipping-clock.ts';
import { companySource, targetSpec } from '../company.ts';
import { createAdministrator } from './by-hand.ts';
import { createPassJudge, differences, isActive, recoveryViolations, type PassFacts } from './judge.ts';
import { createLife } from './life.ts';
import { createAdversaryServer } from './server.ts';
import { createDraw, describeTemper, drawTemper } from './temper.ts';

/** What a history has shown. */
export interface HistoryResult {
  /** What scimsync did wrong; each line names the pass, from 0. */
  readonly violations: readonly string[];
  /** The server's temper, for the message of a failure. */
  readonly temper: string;
}

/** Sees a history while it runs, for the analysis of a failure. */
export interface Observer {
  /** After each pass. */
  readonly pass?: (facts: PassFacts) => void;
  /** After each request. */
  readonly request?: (request: string, isFault: boolean, result: SendResult) => void;
}

/** Passes in which the server misbehaves. */
const adversePasses = 6;
/** Passes without a fault: the last one has nothing to do. */
const maxRecoveryPasses = 10;
/** Longer than any job of the server is deferred, and than the time until the second look. */
const shortestGapMs = 15 * minuteMs;
/** Longer than the longest interval between two tries of a failing record. */
const recoveryGapMs = 25 * 60 * minuteMs;

const leaverActions: readonly LeaverAction[] = ['deactivate', 'delete'];

/**
 * One history: a company changes, a server misbehaves, an administrator works by hand, and each pass is judged by the
 * server's own state. Then the faults end, every user and group changes once more, and the target must converge.
 *
 * @param observer sees each pass and each request
 */
export async function runHistory(seed: number, observer: Observer = {}): Promise<HistoryResult> {
  const random = seededRandom(seed);
  const temper = drawTemper(random, adversePasses);
  const hasScope = random() < 0.4;
  const action = leaverActions[randomInt(random, 2)] ?? 'deactivate';
  const clock = createSkippingClock();
  let pass: number | undefined = 0;
  const server = createAdversaryServer(
    temper.options,
    { clock, random: seededRandom(seed + 1) },
    createDraw(temper, seededRandom(seed + 2), () => pass),
    observer.request,
  );
  server.delaySearch(temper.searchDelayMs);
  const otherAccounts = await addOtherAccounts(server.byHand);
  const life = createLife(random, hasScope);
  const spec = specOf(action, hasScope, temper.options, server.url);
  const administrator = createAdministrator(server, temper, random, otherAccounts, isOurs);
  const store = openStore(':memory:');
  let operations: readonly string[] = [];
  const deps: SyncDeps = {
    store,
    source: companySource(() => structuredClone(life.company)),
    targets: [spec],
    clock,
    random: seededRandom(seed + 3),
    emit: (event) => {
      if (event.type === 'operation')
        operations = [
          ...operations,
          `${event.operation.action} ${event.operation.key}: ` +
            `${event.result} ${event.status ?? ''} ${event.detail ?? ''}`,
        ];
    },
    connect: () =>
      createTarget(
        {
          name: spec.name,
          url: server.url,
          profile: spec.profile,
          auth: { type: 'bearer', token: { reveal: () => sandboxToken } },
          timeoutMs: 30_000,
          samples: spec.verification,
          version: '1.2.3',
        },
        { clock, random: seededRandom(seed + 4), send: server.send },
      ),
  };
  const runPass = async (title: string, full = false): Promise<PassFacts> => {
    operations = [];
    const before = server.users();
    server.takeRequestCount();
    const report = await sync(
      deps,
      {
        ...{
          only: undefined,
          full,
          approval: {},
          acceptSource: false,
          command: title,
          operator: { name: 'admin', host: 'host' },
          note: undefined,
        },
        plan: undefined,
      },
      new AbortController().signal,
    );
    const facts: PassFacts = {
      title,
      code: exitCodeOfPass(report),
      requests: server.takeRequestCount(),
      operations,
      before,
      users: server.users(),
      groups: server.groups(),
      entitled: life.inScope(),
      additions: administrator.additions,
      deletedByHand: administrator.deletedIds,
    };
    observer.pass?.(facts);
    return facts;
  };
  const judge = createPassJudge(server);
  const violations: string[] = [];
  try {
    for (; pass < adversePasses; pass += 1) {
      if (pass > 0) life.change();
      const facts = await runPass(`pass ${pass}`);
      violations.push(...judge(facts));
      await clock.sleep(shortestGapMs + randomInt(random, 4) * 6 * 60 * minuteMs);
      await server.settle();
      await administrator.work(closedBy(facts));
    }
    pass = undefined;
    server.delaySearch(0);
    life.changeAll();
    let last: PassFacts | undefined;
    for (let turn = 0; turn < maxRecoveryPasses && !(last?.code === 0 && last.requests === 0); turn += 1) {
      last = await runPass(`recovery ${turn}`);
      violations.push(...judge(last));
      await clock.sleep(recoveryGapMs);
    }
    // The first full pass may list the accounts, to compare them with users who never had one.
    await runPass('full', true);
    if (last !== undefined) {
      violations.push(...recoveryViolations(last, await runPass('second full', true)));
      if (last.code === 0 && !temper.faults.some(({ kind }) => kind.isSilent === true))
        violations.push(...differences(last, life.company));
    }
  } finally {
    store.close();
  }
  return { violations, temper: `${describeTemper(temper)}\nleavers: ${action}, scope: ${String(hasScope)}` };
}

/** Users whose account the pass closed, and which still exists. */
const closedBy = ({ before, users }: PassFacts): readonly Resource[] =>
  users.filter((user) => !isActive(user) && before.some((one) => one.id === user.id && isActive(one)));

const isOurs = ({ externalId }: Resource): boolean => typeof externalId === 'string' && /^[pg]\d/.test(externalId);

/** Accounts and a group of others, with no attribute that a record of the company has. @returns ids of the accounts */
async function addOtherAccounts(
  byHand: ReturnType<typeof createAdversaryServer>['byHand'],
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const otherAccount of [
    { userName: 'other0@elsewhere.example', title: 'Other', active: true },
    { userName: 'other1@elsewhere.example', externalId: 'x1', active: true },
    { userName: 'other2@elsewhere.example', active: false },
  ])
    ids.push((await byHand('POST', '/Users', { schemas: [coreUser], ...otherAccount })) ?? '');
  await byHand('POST', '/Groups', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: 'Others',
    members: ids.map((value) => ({ value })),
  });
  return ids;
}

const coreUser = 'urn:ietf:params:scim:schemas:core:2.0:User';

function specOf(
  action: LeaverAction,
  hasScope: boolean,
  { bulk, uniqueUserNames }: { readonly bulk?: object | null; readonly uniqueUserNames?: boolean },
  url: string,
): TargetSpec {
  const profile = profileWith(
    {
      protocol: {
        bulk: bulk === null ? 'never' : 'offered',
        allowsDuplicates: uniqueUserNames === false ? ['User'] : [],
      },
      limits: { requestsPerSecond: 1000, concurrency: 2, membersPerRequest: 3 },
    },
    'adversary',
  );
  const scope = hasScope ? { users: `user.department != 'sales'` } : {};
  return {
    ...targetSpec({ action }, scope),
    profile,
    url,
    compileMapping: (known) =>
      compileTargetMapping(
        {
          scope,
          mapping: {
            user: { userName: 'user.userName', [managerPath]: 'user.manager', title: 'user.department' },
            group: { displayName: 'group.name' },
          },
          supports: profile.supports,
        },
        known,
      ),
  };
}
