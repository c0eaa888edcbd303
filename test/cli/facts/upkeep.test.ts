import { describe, expect, test } from '@jest/globals';
import { findUpkeep, type StateOfSources } from '../../../src/cli/facts/upkeep.ts';
import type { Config } from '../../../src/config/config.ts';
import { instant, type Instant } from '../../../src/model/ids.ts';
import { configWith, loadFrom, minimalConfig, requireConfig } from '../../config/fixtures.ts';

const hour = 3_600_000;
const day = 24 * hour;
const monday = Date.UTC(2026, 10, 30);

interface Given {
  readonly readAt?: number;
  readonly modifiedAt?: number;
  readonly passes?: readonly number[];
}

const stateWith = ({ readAt, passes = [] }: Given): StateOfSources => ({
  holder: () => undefined,
  conditions: {
    lastReadingAt: () => (readAt === undefined ? undefined : instant(readAt)),
    ...{ targets: () => [], done: () => [], passes: () => ({ total: 0, failed: 0 }) },
    daemonPasses: () => passes.map((at) => ({ started: instant(at), ended: instant(at + 1000), hasRead: true })),
  },
});

const modifiedAt =
  ({ modifiedAt: at }: Given) =>
  async (): Promise<Instant | undefined> =>
    at === undefined ? undefined : instant(at);

const found = async (config: Config, given: Given, now: number): Promise<readonly string[]> =>
  (await findUpkeep(config, stateWith(given), instant(now), modifiedAt(given))).map(
    ({ kind, stage }) => `${kind} ${stage}`,
  );

const config = (changes: object = {}): Config => requireConfig(loadFrom({ ...minimalConfig(), ...changes }));

describe('a source without accepted readings', () => {
  const daily = config({ schedule: '0 6 * * *' });
  const weekly = config({ schedule: '0 6 * * 1' });
  const shorter = config({ incidents: { staleAfter: '2h' } });
  test.each<[string, Config, number, readonly string[]]>([
    ['without a schedule, for a day', config(), day, []],
    ['without a schedule, for longer', config(), day + 1, ['stale 0']],
    ['by a daily schedule, while its next reading may last', daily, 31 * hour, []],
    ['by a daily schedule, after that', daily, 31 * hour + 1, ['stale 0']],
    ['by a weekly schedule, for six days', weekly, 6 * day, []],
    ['by a weekly schedule, for longer', weekly, 7 * day + 7 * hour + 1, ['stale 0']],
    ['by the configured time', shorter, 2 * hour + 1, ['stale 0']],
  ])('%s', async (_, one, age, expected) => {
    // The last reading of the daily and of the weekly schedule is of Monday, 06:00.
    const readAt = one.schedule === undefined ? monday : monday + 6 * hour;
    const now = one.schedule === undefined ? readAt + age : monday + age;
    expect(await found(one, { readAt }, now)).toEqual(expected);
  });

  test('before the first reading, nothing is stale', async () => {
    expect(await found(config(), {}, monday)).toEqual([]);
  });
});

describe('an export', () => {
  const limited = requireConfig(loadFrom(configWith('source.maxAge', '36h')));
  test.each<[string, Config, number, readonly string[]]>([
    ['of any age, without a limit', config(), 900 * hour, []],
    ['within the limit', limited, 36 * hour, []],
    ['beyond the limit', limited, 36 * hour + 1, ['oldExport 0']],
    ['beyond twice the limit', limited, 73 * hour, ['oldExport 0']],
  ])('%s', async (_, one, age, expected) => {
    expect(await found(one, { readAt: monday, modifiedAt: monday - age }, monday)).toEqual(expected);
  });
});

describe('passes of the daemon', () => {
  const scheduled = config({ schedule: '*/15 * * * *' });
  test.each([
    ['on time', scheduled, [monday, monday - hour / 4], []],
    ['overdue', scheduled, [monday - hour], ['missed 0']],
    ['late after a gap', scheduled, [monday, monday - 5 * hour], ['missed 0']],
    ['without a schedule', config(), [monday - 9 * hour], []],
    ['that never ran', scheduled, [], []],
  ])('%s', async (_, one, passes, expected) => {
    expect(await found(one, { readAt: monday, passes }, monday + 60_000)).toEqual(expected);
  });
});

test('a token that expires is urgent by its days', async () => {
  const claims = Buffer.from(JSON.stringify({ exp: (monday + 10 * day) / 1000 })).toString('base64url');
  const auth = { type: 'bearer', token: `e30.${claims}.c2ln` };
  const one = requireConfig(loadFrom(configWith('targets[0].auth', auth)));
  const findings = await findUpkeep(one, undefined, instant(monday));
  expect(findings).toEqual([
    {
      ...{ kind: 'expires', target: 'app', stage: 0 },
      text: 'the token of app expires at 2026-12-10T00:00:00.000Z, in 10 days: renew it',
    },
  ]);
  expect(JSON.stringify(findings)).not.toContain(claims);
  expect(await found(one, {}, monday + 8 * day)).toEqual(['expires 1']);
  expect(await found(one, {}, monday + 10 * day)).toEqual(['expires 2']);
});
