import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../src/model/clock.ts';
import { minuteMs } from '../../../src/model/time.ts';
import {
  startSandbox,
  type RequestEntry,
  type Resource,
  type Sandbox,
  type SandboxOptions,
} from '../../../src/sandbox/sandbox.ts';
import type { CliResult, JsonLine } from '../cli-workspace.ts';
import { byId, createCompany, hire, leave, rehire, type Company } from '../company.ts';
import { writeExport } from '../export.ts';
import { configuration, noSanityChecks, target } from '../fixture.ts';
import { runPassInProcess } from '../in-process-pass.ts';
import { seededRandom } from '../random.ts';
import { createSkippingClock } from '../skipping-clock.ts';
import { unlimitedGuard } from '../limits.ts';

/** How a misbehaviour is rehearsed. */
export interface RehearsalOptions {
  /** Misbehaviours of the application from the second stage until the end of the third. */
  readonly misbehaviours: readonly number[];
  readonly sandbox?: Partial<SandboxOptions>;
  /** Settings of the target. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Largest number of passes in the recovery; 12 by default. */
  readonly recoveryPasses?: number;
  /** The last stage in which the application misbehaves: `returns` by default. */
  readonly until?: 'changes' | 'returns' | 'recovery';
  /** Changes by hand at the application after the first stage, through `call`, before it misbehaves. */
  readonly byHand?: (call: Call, sandbox: Sandbox) => Promise<void>;
  /** The same at the start of the misbehaviour. */
  readonly atStart?: (call: Call, sandbox: Sandbox) => Promise<void>;
}

/** Sends one request of another client. */
export type Call = (method: string, path: string, body?: unknown) => Promise<{ readonly status: number }>;

/** One pass, judged by the state of the application afterwards. */
export interface RehearsalPass {
  readonly stage: Stage;
  readonly run: CliResult;
  readonly requests: readonly RequestEntry[];
  readonly operations: readonly JsonLine[];
  readonly users: readonly Resource[];
  readonly groups: readonly Resource[];
  /** userNames of leavers whose account is active. */
  readonly openLeavers: readonly string[];
  /** The source at this time. */
  readonly company: Company;
}

/**
 * `first`: the application is correct. `changes` and `returns`: it misbehaves while the source changes. `recovery`: it
 * is correct again, until a pass has nothing to do.
 */
export type Stage = 'first' | 'changes' | 'returns' | 'recovery';

const token = 'tok-rehearsal-4711-secret';
const configName = 'sync.config.json';
const betweenPassesMs = 15 * minuteMs;
const maxRecoveryPasses = 12;

/** Runs a small company through all stages. Waits take no time; 15 minutes lie between two passes. */
export async function rehearse(options: RehearsalOptions): Promise<readonly RehearsalPass[]> {
  const clock = createSkippingClock(Date.now());
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-rehearsal-'));
  const sandbox = await startSandbox({ clock, random: seededRandom(4711), token, ...options.sandbox });
  try {
    return await passesOf(options, { folder, sandbox, clock });
  } finally {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface World {
  /** Of the configuration, the export and the state file. */
  readonly folder: string;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
}

async function passesOf(options: RehearsalOptions, world: World): Promise<readonly RehearsalPass[]> {
  const { folder, sandbox } = world;
  const { misbehaviours, settings, byHand, atStart, until = 'returns' } = options;
  const ownMisbehaviours = sandbox.misbehaviours;
  sandbox.seed({ users: unrelatedUsers });
  const guard = unlimitedGuard;
  writeFileSync(
    join(folder, configName),
    JSON.stringify(configuration([target(sandbox.url, { guard, ...settings })], noSanityChecks)),
  );
  const company = createCompany(463, 9, 2);
  const passes: RehearsalPass[] = [];
  const call = callOf(sandbox);
  const pass = async (stage: Stage): Promise<RehearsalPass> => {
    const result = await runPass(stage, company, world);
    passes.push(result);
    await world.clock.sleep(betweenPassesMs);
    // Time-dependent states change with the next request.
    if (until === 'recovery') await call('GET', '/Users?count=1');
    return result;
  };

  for (let turn = 0; turn < 2; turn += 1) await pass('first');
  await byHand?.(call, sandbox);
  sandbox.misbehaviours = [...ownMisbehaviours, ...misbehaviours];
  await atStart?.(call, sandbox);
  change(company);
  for (let turn = 0; turn < 2; turn += 1) await pass('changes');
  if (until === 'changes') sandbox.misbehaviours = ownMisbehaviours;
  changeAgain(company);
  for (let turn = 0; turn < 3; turn += 1) await pass('returns');
  if (until !== 'recovery') sandbox.misbehaviours = ownMisbehaviours;
  sandbox.faults = [];
  for (let turn = 0; turn < (options.recoveryPasses ?? maxRecoveryPasses); turn += 1) {
    const { run, requests } = await pass('recovery');
    if (run.code === 0 && requests.length === 0) break;
  }
  return passes;
}

/** Accounts of other organisations at the application. */
export const unrelatedUsers = [0, 1].map((number) => ({
  id: `unrelated-${number}`,
  userName: `unrelated${number}@elsewhere.example`,
  externalId: `x${number}`,
  active: true,
  title: 'Unrelated',
}));

/** People whose title has no value from the second stage on, and people who leave. */
export const testPersons = {
  mover: 'e00003',
  withoutTitle: 'e00004',
  /** A leaver with an account that misbehaviour 90 counts as an owner. */
  owner: 'e00005',
  returning: 'e00007',
  deleted: 'e00008',
  /** Hired in the second stage; leaves in the third. */
  shortTimer: 'e00010',
} as const;

function change(company: Company): void {
  leave(company, testPersons.owner);
  leave(company, testPersons.returning);
  const mover = byId(company, testPersons.mover);
  Object.assign(mover, { title: 'Moved', familyName: 'Renamed', email: 'moved@mail.corp.example' });
  Object.assign(byId(company, testPersons.withoutTitle), { title: '', department: 'Changed' });
  byId(company, 'e00009').manager = testPersons.mover;
  hire(company, { manager: 'e00001' });
  hire(company, { manager: testPersons.mover });
  const [first, second] = company.teams.values();
  for (const id of [testPersons.mover, 'e00006', 'e00010', 'e00011']) first?.members.add(id);
  for (const id of ['e00001', 'e00004']) first?.members.delete(id);
  second?.members.add('e00009');
}

function changeAgain(company: Company): void {
  rehire(company, testPersons.returning, ['t1']);
  leave(company, testPersons.shortTimer);
  leave(company, 'e00002');
  byId(company, 'e00011').title = 'Settled';
  byId(company, 'e00006').familyName = 'Married';
  for (const team of company.teams.values())
    for (const id of team.members) if (!company.people.has(id)) team.members.delete(id);
}

async function runPass(stage: Stage, company: Company, { folder, sandbox, clock }: World): Promise<RehearsalPass> {
  writeExport(company, folder);
  sandbox.clearLog();
  const run = await runPassInProcess({ configFile: join(folder, configName), env: { APP_TOKEN: token }, clock }, [
    'sync',
    '--json',
  ]);
  const users = [...sandbox.users()];
  return {
    stage,
    run,
    requests: [...sandbox.log],
    operations: run.lines.filter(({ type }) => type === 'operation'),
    users,
    groups: [...sandbox.groups()],
    openLeavers: openLeavers(company, users),
    company: structuredClone({ ...company, random: undefined }) as unknown as Company,
  };
}

function openLeavers(company: Company, users: readonly Resource[]): readonly string[] {
  const names = new Set([...company.leavers.values()].map(({ userName }) => userName.toLowerCase()));
  for (const { userName } of company.people.values()) names.delete(userName.toLowerCase());
  return users
    .filter(({ active }) => active !== false)
    .map((user) => String(user['userName']).toLowerCase())
    .filter((name) => names.has(name));
}

const callOf =
  ({ url }: Sandbox): Call =>
  async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await response.arrayBuffer();
    return response;
  };
