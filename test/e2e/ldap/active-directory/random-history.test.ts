import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { describeOn } from '../../../world/directory/servers/describe-on.ts';
import { directoryMirror, type MirrorOptions } from '../../../world/directory/mirror.ts';
import {
  deleteRecord,
  escaped,
  group,
  addMembers,
  removeMembers,
  renameRecord,
  replaceRecord,
  restoreRecord,
  unit,
  user,
} from '../../../world/directory/ldif/samba-entries.ts';
import { domain, startSamba, type Samba } from '../../../world/directory/servers/samba.ts';
import { ldapTool } from '../../../world/directory/servers/server.ts';
import { randomRuns, randomRunsTimeoutMs } from '../../../world/random-runs.ts';

jest.setTimeout(randomRunsTimeoutMs);

const seed = 20_261_125;
const operations = [
  'hire',
  'hire with the name of a leaver',
  'leave',
  'change',
  'rename',
  'move',
  'disable or enable',
  'manager',
  'restore',
  'join',
  'join',
  'quit',
  'group',
  'disband',
  'rename group',
  'move group',
  'primary group',
  'rename unit',
  'move unit',
] as const;
type Operation = (typeof operations)[number];
type Step = readonly [Operation, number, number];
const steps = fc.array(fc.tuple(fc.constantFrom(...operations), fc.nat(1000), fc.nat(1000)), {
  minLength: 6,
  maxLength: 8,
});

/** RDN values that are hard to parse. */
const names = [
  'Ada',
  'Smith, Jr.',
  'Weiß "Rot"',
  'a+b',
  '#4711',
  'Zoë 🚲',
  ' blank ',
  'back\\slash',
  'x=y;z',
  '<angle>',
];

interface Unit {
  name: string;
  parent: string;
}
interface Member {
  readonly login: string;
  cn: string;
  unit: Unit;
  guid?: string;
}

describeOn('samba', 'random histories of an Active Directory', () => {
  let samba: Samba;
  let lives = 0;
  beforeAll(async () => {
    samba = await startSamba({ ldif: user('once', {}, { parent: domain }) + deleteRecord(`CN=once,${domain}`) });
  });
  afterAll(async () => {
    await samba[Symbol.asyncDispose]();
  });

  describe.each<[string, MirrorOptions['directory'] & {}]>([
    ['DirSync', 'activeDirectory'],
    ['uSNChanged', { extends: 'activeDirectory', changes: ['usn'] }],
  ])('by %s', (_way, directory) => {
    test.each<['flatten' | 'keep', string | undefined]>([
      ['flatten', undefined],
      ['flatten', '(description=app)'],
      ['keep', undefined],
    ])(
      `incremental reads have the result of a full read (nested: %s, filter %s, seed ${seed})`,
      async (nested, filter) => {
        let done = 0;
        let tried = 0;
        await fc.assert(
          fc.asyncProperty(steps, async (life) => {
            lives += 1;
            const world = await begin(`Run${lives}`);
            const options: MirrorOptions = {
              directory,
              users: { base: world.base },
              groups: { base: world.base, nested, ...(filter === undefined ? {} : { filter }) },
              uses: { users: new Set(['cn', 'title', 'manager', 'dn']), groups: new Set(['cn']) },
            };
            using incremental = directoryMirror(samba, options);
            await incremental.read();
            for (const step of life) {
              tried += 1;
              if (await world.happen(step)) done += 1;
              const { reasons } = await incremental.read();
              expect({ step, held: incremental.lines() }).toEqual({ step, held: await fresh(options) });
              if (!step[0].endsWith('unit')) expect({ step, reasons }).toEqual({ step, reasons: [] });
              expect(await incremental.read()).toMatchObject({ isFullRead: false, isUnchanged: true });
            }
          }),
          { seed, numRuns: randomRuns(2).numRuns, endOnFailure: true },
        );
        // Active Directory refuses some of what chance wants.
        expect(done / tried).toBeGreaterThan(0.7);
      },
    );
  });

  async function fresh(options: MirrorOptions): Promise<readonly string[]> {
    using mirror = directoryMirror(samba, options);
    await mirror.read();
    return mirror.lines();
  }

  /**
   * Four users and three groups in two units and outside of them; and one user who never changes, because a read
   * without users is rejected.
   */
  async function begin(name: string) {
    const base = `OU=${name},${domain}`;
    const units: Unit[] = [
      { name: 'One', parent: base },
      { name: 'Two', parent: base },
      { name: `Out${name}`, parent: domain },
    ];
    const people: Member[] = [];
    const groups: Member[] = [];
    const leavers: Member[] = [];
    let numbered = 0;
    const unitDn = ({ name: rdn, parent }: Unit): string => `OU=${rdn},${parent}`;
    const dnOf = ({ cn, unit: at }: Member): string => `CN=${escaped(cn)},${unitDn(at)}`;
    const made = (cn: string, at: Unit | undefined): Member => {
      numbered += 1;
      if (at === undefined) throw new Error('there is no unit');
      return { login: `${name}x${numbered}`, cn: `${cn}${numbered}${cn.trimStart() === cn ? '' : ' '}`, unit: at };
    };
    const asUser = (member: Member): string => user(member.login, {}, { cn: member.cn, parent: unitDn(member.unit) });
    const asGroup = (member: Member, members: readonly Member[], values = {}): string =>
      group(member.login, members.map(dnOf), { cn: member.cn, parent: unitDn(member.unit) }).replace(
        '\n\n',
        values === 'app' ? '\ndescription: app\n\n' : '\n\n',
      );
    for (const at of [0, 1, 1, 2]) people.push(made(names[at] ?? '', units[at]));
    for (const at of [0, 1, 2]) groups.push(made('group', units[at]));
    const [one, two, three] = groups;
    const [first, , , last] = people;
    if (one === undefined || two === undefined || three === undefined || first === undefined || last === undefined)
      throw new Error('the first users and groups are missing');
    await samba.change(
      [
        unit(name),
        ...units.map(({ name: rdn, parent }) => unit(rdn, parent)),
        user(`${name}anchor`, {}, { parent: base }),
        ...people.map(asUser),
        asGroup(three, [last]),
        asGroup(two, [first, last]),
        asGroup(one, [two, three], 'app'),
      ].join(''),
    );
    const tokenOf = async (member: Member, attribute: string): Promise<string> =>
      new RegExp(`^${attribute}: (.+)$`, 'm').exec(
        await ldapTool(samba, 'ldapsearch', ['-LLL', '-b', dnOf(member), '-s', 'base', attribute]),
      )?.[1] ?? '';
    const pick = <T>(from: readonly T[], by: number): T | undefined => from[by % Math.max(1, from.length)];

    return {
      base,
      /** @returns whether the server let it happen */
      async happen([what, by, also]: Step): Promise<boolean> {
        const person = pick(people, by);
        const team = pick(groups, also);
        const at = pick(units, also);
        const cn = pick(names, also) ?? '';
        const attempt = async (ldif: string, then: () => void): Promise<boolean> => {
          try {
            await samba.change(ldif);
          } catch {
            return false;
          }
          then();
          return true;
        };
        if (at === undefined) return false;
        switch (what) {
          case 'hire': {
            const hired = made(cn, pick(units, by));
            return attempt(asUser(hired), () => people.push(hired));
          }
          case 'hire with the name of a leaver': {
            const leaver = leavers.at(-1);
            if (leaver === undefined) return true;
            const hired = { ...made(cn, leaver.unit), cn: leaver.cn };
            return attempt(asUser(hired), () => people.push(hired));
          }
          case 'group': {
            const founded = made('group', at);
            return attempt(
              asGroup(
                founded,
                [...new Set([person, team].filter((one_) => one_ !== undefined))],
                by % 2 === 0 ? 'app' : {},
              ),
              () => groups.push(founded),
            );
          }
          case 'restore': {
            const leaver = leavers.at(-1);
            if (leaver === undefined) return true;
            try {
              await samba.changeDeleted(
                restoreRecord(
                  `CN=${escaped(leaver.cn)}\\0ADEL:${leaver.guid ?? ''},CN=Deleted Objects,${domain}`,
                  dnOf(leaver),
                ),
              );
            } catch {
              return false;
            }
            leavers.pop();
            people.push(leaver);
            return true;
          }
          case 'rename unit': {
            const old = unitDn(at);
            return attempt(renameRecord(old, `OU=${at.name}x`), () => (at.name += 'x'));
          }
          case 'move unit': {
            const parent = at.parent === base ? domain : base;
            return attempt(renameRecord(unitDn(at), `OU=${at.name}${name}`, parent), () =>
              Object.assign(at, { name: `${at.name}${name}`, parent }),
            );
          }
          default:
        }
        if (team !== undefined) {
          switch (what) {
            case 'disband':
              return attempt(deleteRecord(dnOf(team)), () => groups.splice(groups.indexOf(team), 1));
            case 'rename group':
              return attempt(renameRecord(dnOf(team), `CN=${escaped(`${team.cn}y`)}`), () => (team.cn += 'y'));
            case 'move group': {
              const to = pick(units, by) ?? at;
              return attempt(renameRecord(dnOf(team), `CN=${escaped(team.cn)}`, unitDn(to)), () => (team.unit = to));
            }
            default:
          }
        }
        if (person === undefined || team === undefined) return false;
        switch (what) {
          case 'leave': {
            const guid = /^objectGUID: (.+)$/m.exec(
              await samba.stored(`(sAMAccountName=${person.login})`, 'objectGUID'),
            )?.[1];
            return attempt(deleteRecord(dnOf(person)), () =>
              leavers.push(Object.assign(...(people.splice(people.indexOf(person), 1) as [Member]), { guid })),
            );
          }
          case 'change':
            return attempt(
              replaceRecord(dnOf(person), also % 3 === 0 ? { title: [] } : { title: `Title ${also}` }),
              () => undefined,
            );
          case 'rename': {
            const next = made(cn, at).cn;
            return attempt(renameRecord(dnOf(person), `CN=${escaped(next)}`), () => (person.cn = next));
          }
          case 'move':
            return attempt(
              renameRecord(dnOf(person), `CN=${escaped(person.cn)}`, unitDn(at)),
              () => (person.unit = at),
            );
          case 'disable or enable':
            return attempt(
              replaceRecord(dnOf(person), { userAccountControl: also % 2 === 0 ? '546' : '544' }),
              () => undefined,
            );
          case 'manager':
            return attempt(
              replaceRecord(dnOf(person), { manager: also % 4 === 0 ? [] : dnOf(pick(people, also) ?? person) }),
              () => undefined,
            );
          case 'join':
            return attempt(
              addMembers(dnOf(team), dnOf(by % 3 === 0 ? (pick(groups, by) ?? team) : person)),
              () => undefined,
            );
          case 'quit': {
            const members = (
              await ldapTool(samba, 'ldapsearch', [
                '-LLL',
                '-o',
                'ldif_wrap=no',
                '-b',
                dnOf(team),
                '-s',
                'base',
                'member',
              ])
            )
              .split('\n')
              .flatMap((line) =>
                line.startsWith('member:: ')
                  ? [Buffer.from(line.slice(9), 'base64').toString()]
                  : line.startsWith('member: ')
                    ? [line.slice(8)]
                    : [],
              );
            const member = pick(members, by);
            return member === undefined || attempt(removeMembers(dnOf(team), member), () => undefined);
          }
          case 'primary group': {
            await attempt(addMembers(dnOf(team), dnOf(person)), () => undefined);
            return attempt(
              replaceRecord(dnOf(person), {
                primaryGroupID: also % 3 === 0 ? '513' : await tokenOf(team, 'primaryGroupToken'),
              }),
              () => undefined,
            );
          }
          default:
            return false;
        }
      },
    };
  }
});
