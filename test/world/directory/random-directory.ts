import { addRecord, deleteRecord, escaped, modifyRecord, renameRecord } from './ldif/change-records.ts';
import { ldapTool, type DirectoryServer } from './servers/server.ts';
import { suffix } from './servers/slapd.ts';

/** What happens, by numbers that choose among those who are there. */
export type RandomChange = readonly [kind: number, one: number, other: number];

/** Kinds of changes are numbered from 0 to this, exclusive. */
export const changeKindCount = 27;

interface DirectoryNode {
  readonly kind: 'person' | 'account' | 'names' | 'uniqueNames' | 'posix' | 'urls' | 'unit' | 'role';
  rdn: string;
  parent: DirectoryNode | undefined;
  /** No person any more, although it is there. */
  isNoPerson?: boolean;
  readonly base?: string;
}

/** A member DN without an entry in every group, because the schema requires a member. */
const placeholderMember = `cn=ghost,${suffix}`;
const giveUpMs = 1_000;
const oddNames = [
  'ada',
  "O'Neil",
  'Doe, Jr.',
  'x+y',
  'Zoë',
  '#7',
  'q"t',
  ' blank ',
  'a=b',
  '😀',
  'back\\slash',
  '<b>;',
];
const pick = <T>(items: readonly T[], at: number): T | undefined => items[at % Math.max(1, items.length)];

/** slapd 2.5 with back-mdb refuses to rename some units that are not empty, for no reason that lies in them. */
export class ServerDefect extends Error {}

/**
 * A part of a real directory that lives by chance, below a unit of its own: people in units that are renamed and moved,
 * groups of all kinds in each other, names that change hands. It changes as an administrator changes it, with
 * ldapmodify.
 */
export class RandomDirectory {
  readonly base: string;
  readonly people: string;
  readonly groups: string;
  private readonly server: DirectoryServer;
  private readonly hasReferentialIntegrity: boolean;
  private readonly nodes: DirectoryNode[] = [];
  private readonly tree: Readonly<Record<'base' | 'people' | 'groups' | 'outside' | 'anchor', DirectoryNode>>;
  private ldif = '';
  private counter = 0;
  /** DNs that were given up since the last flush; the server still has to update references to them. */
  private readonly freedNames = new Set<string>();

  /** @param hasReferentialIntegrity whether the server puts names right in groups and managers, after the change */
  constructor(server: DirectoryServer, name: string, hasReferentialIntegrity: boolean) {
    this.server = server;
    this.hasReferentialIntegrity = hasReferentialIntegrity;
    const base: DirectoryNode = { kind: 'unit', rdn: `ou=${name}`, parent: undefined, base: server.suffix };
    const unit = (rdn: string): DirectoryNode => ({ kind: 'unit', rdn, parent: base });
    const people = unit('ou=people');
    this.tree = {
      base,
      people,
      groups: unit('ou=groups'),
      outside: unit('ou=outside'),
      anchor: { kind: 'person', rdn: `uid=anchor-${name}`, parent: people },
    };
    for (const node of Object.values(this.tree)) this.add(node);
    const home = (at: number): DirectoryNode => (at % 3 === 2 ? this.tree.outside : people);
    const persons = oddNames.slice(0, 9).map((odd, at): DirectoryNode => ({
      kind: at % 4 === 3 ? 'account' : 'person',
      rdn: `uid=${escaped(odd)}`,
      parent: home(at),
    }));
    for (const person of persons) this.add(person);
    for (const [at, kind] of (['names', 'uniqueNames', 'names', 'names', 'posix', 'urls'] as const).entries()) {
      const inner = this.nodes.filter((node) => node.rdn.startsWith('cn='));
      this.add(
        { kind, rdn: `cn=team ${at}`, parent: this.tree.groups },
        [...persons.slice(at, at + 4), ...inner.slice(-1)].map(dnOf),
      );
    }
    this.base = dnOf(base);
    this.people = dnOf(people);
    this.groups = dnOf(this.tree.groups);
  }

  /** Carries out what has happened. @throws ServerAtFault */
  async flush(): Promise<void> {
    const { ldif } = this;
    this.ldif = '';
    this.freedNames.clear();
    if (ldif === '') return;
    try {
      await ldapTool({ ...this.server, url: this.server.plainUrl }, 'ldapmodify', [], ldif);
    } catch (error) {
      if (error instanceof Error && error.message.includes('DN index add failed'))
        throw new ServerDefect(error.message);
      throw error;
    }
  }

  /** Waits until the server has put all names right. */
  async waitForReferences(): Promise<void> {
    if (!this.hasReferentialIntegrity) return;
    let last = '';
    let since = Date.now();
    for (let wrong = await this.dangling(); wrong.length > 0; wrong = await this.dangling()) {
      // Of several changes at once refint now and then forgets one, and never comes back to it.
      if (wrong.join() === last && Date.now() - since > giveUpMs) return;
      if (wrong.join() !== last) since = Date.now();
      last = wrong.join();
    }
  }

  private async dangling(): Promise<readonly string[]> {
    const text = await ldapTool({ ...this.server, url: this.server.plainUrl }, 'ldapsearch', [
      '-LLL',
      '-o',
      'ldif-wrap=no',
      '-b',
      this.base,
      '(objectClass=*)',
      'member',
      'uniqueMember',
      'manager',
    ]);
    const values = [...text.matchAll(/^(dn|member|uniqueMember|manager)(::?) (.*)$/gm)].map(
      ([, name, colons, value = '']) =>
        [name, (colons === '::' ? Buffer.from(value, 'base64').toString('utf8') : value).toLowerCase()] as const,
    );
    const there = new Set(values.filter(([name]) => name === 'dn').map(([, dn]) => dn));
    return values.flatMap(([, dn]) => (there.has(dn) || dn === placeholderMember ? [] : [dn]));
  }

  private add(node: DirectoryNode, members: readonly string[] = []): void {
    this.nodes.push(node);
    this.ldif += addRecord(dnOf(node), attributesOf(node, members, (this.counter += 1)));
  }

  private remove(node: DirectoryNode): void {
    this.ldif += deleteRecord(dnOf(node));
    this.freedNames.add(dnOf(node));
    this.nodes.splice(this.nodes.indexOf(node), 1);
  }

  private move(node: DirectoryNode, rdn: string, parent: DirectoryNode | undefined): void {
    this.freedNames.add(dnOf(node));
    this.ldif += renameRecord(dnOf(node), rdn, parent === node.parent ? undefined : dnOf(parent ?? this.tree.base));
    Object.assign(node, { rdn, parent });
  }

  private modify(
    node: DirectoryNode,
    ...changes: Parameters<typeof modifyRecord> extends [string, ...infer Rest] ? Rest : never
  ): void {
    this.ldif += modifyRecord(dnOf(node), ...changes);
  }

  private newName(at: number): string {
    return `${pick(oddNames, at) ?? ''}${(this.counter += 1)}`;
  }

  private isTaken(rdn: string, parent: DirectoryNode | undefined): boolean {
    return this.nodes.some((node) => node.parent === parent && node.rdn.toLowerCase() === rdn.toLowerCase());
  }

  /** Something happens; a name that was given up a moment ago is only taken once the server is done with it. */
  async applyChange([kind, a, b]: RandomChange): Promise<void> {
    const { tree, nodes } = this;
    const persons = nodes.filter((node) => (node.kind === 'person' || node.kind === 'account') && node !== tree.anchor);
    const named = nodes.filter((node) => node.kind === 'names' || node.kind === 'uniqueNames' || node.kind === 'urls');
    const posix = nodes.filter((node) => node.kind === 'posix');
    const anyGroup = [...named, ...posix];
    const units = nodes.filter((node) => (node.kind === 'unit' || node.kind === 'role') && node !== tree.base);
    const homes = units.filter((node) => node !== tree.groups);
    const movable = units.filter((node) => node !== tree.people && node !== tree.groups && node !== tree.outside);
    const [person, other, group, home] = [pick(persons, a), pick(persons, b), pick(named, a), pick(homes, b)];
    const candidates = [...persons, ...anyGroup];
    const several = [...new Set([b, a + b, 2 * a + b + 1].flatMap((at) => pick(candidates, at) ?? []))];
    switch (kind) {
      case 0:
      case 1:
        this.add({ kind: a % 4 === 0 ? 'account' : 'person', rdn: `uid=${escaped(this.newName(a))}`, parent: home });
        return;
      case 2:
        if (person !== undefined) this.remove(person);
        return;
      case 3:
        if (person !== undefined)
          this.modify(
            person,
            ['replace', 'description', `d${b}`],
            ...(person.kind === 'person' ? ([['replace', 'title', `T${b % 3}`]] as const) : []),
          );
        return;
      case 4:
      case 5:
        if (person !== undefined) this.move(person, `uid=${escaped(this.newName(b))}`, person.parent);
        return;
      case 6:
      case 7:
        if (person !== undefined && !this.isTaken(person.rdn, home))
          await this.reuseName(() => this.move(person, person.rdn, home), person.rdn, home);
        return;
      case 8:
        if (units.length < 7)
          this.add(
            a % 2 === 0
              ? { kind: 'unit', rdn: `ou=${escaped(this.newName(a))}`, parent: home }
              : { kind: 'role', rdn: `cn=${escaped(this.newName(a))}`, parent: home },
          );
        return;
      case 9: {
        const unit = pick(movable, a);
        if (unit === undefined) return;
        const target = home !== undefined && !isWithin(home, unit) ? home : unit.parent;
        this.move(
          unit,
          `${unit.kind === 'unit' ? 'ou' : 'cn'}=${escaped(this.newName(b))}`,
          b % 2 === 0 ? unit.parent : target,
        );
        return;
      }
      case 10: {
        if (person === undefined || other === undefined || person === other || person.parent !== other.parent) return;
        const [from, to] = [person.rdn, other.rdn];
        this.move(person, `uid=${escaped(this.newName(0))}`, person.parent);
        await this.reuseName(() => this.move(other, from, other.parent), from, other.parent);
        await this.reuseName(() => this.move(person, to, person.parent), to, person.parent);
        return;
      }
      case 11: {
        if (person === undefined) return;
        this.remove(person);
        await this.reuseName(() => this.add({ ...person, isNoPerson: false }), person.rdn, person.parent);
        return;
      }
      case 12:
      case 13: {
        const made = pick(['names', 'uniqueNames', 'posix', 'urls', 'names'] as const, a);
        if (made !== undefined)
          this.add({ kind: made, rdn: `cn=${escaped(this.newName(b))}`, parent: tree.groups }, several.map(dnOf));
        return;
      }
      case 14: {
        const one = pick(anyGroup, a);
        if (one !== undefined) this.remove(one);
        return;
      }
      case 15:
      case 16:
      case 17:
        if (group !== undefined)
          this.join(
            group,
            several.map((one, index) => respell(dnOf(one), a + index)),
          );
        return;
      case 18:
        if (group !== undefined && group.kind !== 'urls')
          this.modify(group, ['replace', memberOf(group), placeholderMember]);
        return;
      case 19: {
        const one = pick(posix, a);
        // Logins in groups are ASCII (RFC 2307).
        const logins = [...(other === undefined ? [] : [plainName(other)]), 'unknown'].filter((login) =>
          /^[ -~]+$/.test(login),
        );
        if (one !== undefined) this.modify(one, ['replace', 'memberUid', ...logins]);
        return;
      }
      case 20:
        if (person?.kind === 'person')
          this.modify(person, [
            'replace',
            'manager',
            ...(b % 4 === 0 || other === undefined ? [] : [respell(dnOf(other), b)]),
          ]);
        return;
      case 21:
        if (person !== undefined)
          this.modify(person, ['replace', 'pwdAccountLockedTime', ...(b % 2 === 0 ? ['000001010000Z'] : [])]);
        return;
      case 22:
        if (person?.kind === 'person')
          this.modify(person, ['replace', 'employeeType', ...(b % 2 === 0 ? ['robot'] : [])]);
        return;
      case 23:
        if (person?.kind === 'person') this.modify(person, ['replace', 'employeeNumber', `n${(this.counter += 1)}`]);
        return;
      case 24: {
        const one = pick(anyGroup, a);
        if (one !== undefined) this.modify(one, ['replace', 'description', b % 2 === 0 ? 'hidden' : 'shown']);
        return;
      }
      case 25: {
        const one = pick(anyGroup, a);
        if (one !== undefined) this.move(one, `cn=${escaped(this.newName(b))}`, one.parent);
        return;
      }
      default:
        if (person?.kind !== 'account') return;
        this.modify(person, ...(person.isNoPerson === true ? addPosix(plainName(person)) : removePosix));
        person.isNoPerson = person.isNoPerson !== true;
    }
  }

  private join(group: DirectoryNode, dns: readonly string[]): void {
    if (group.kind !== 'urls') this.modify(group, ['replace', memberOf(group), ...dns, placeholderMember]);
    else
      this.modify(group, [
        'replace',
        'memberURL',
        `ldap:///${encodeURIComponent(this.people)}??sub?(title=T${dns.length % 3})`,
      ]);
  }

  private async reuseName(act: () => void, rdn: string, parent: DirectoryNode | undefined): Promise<void> {
    if (this.freedNames.has(dnOf({ kind: 'person', rdn, parent }))) {
      await this.flush();
      await this.waitForReferences();
    }
    act();
  }
}

function dnOf({ rdn, parent, base }: DirectoryNode): string {
  return `${rdn},${parent === undefined ? (base ?? '') : dnOf(parent)}`;
}

const isWithin = (node: DirectoryNode | undefined, unit: DirectoryNode): boolean =>
  node !== undefined && (node === unit || isWithin(node.parent, unit));

/** The value of its name, unescaped. */
const plainName = ({ rdn }: DirectoryNode): string =>
  rdn
    .slice(rdn.indexOf('=') + 1)
    .replace(/\\20/g, ' ')
    .replace(/\\(.)/g, '$1');

const memberOf = ({ kind }: DirectoryNode): string => (kind === 'uniqueNames' ? 'uniqueMember' : 'member');

/** Another spelling of the same DN. */
function respell(dn: string, at: number): string {
  switch (at % 4) {
    case 0:
      return dn;
    case 1:
      return dn
        .replace(
          /(^|(?<!\\),)(uid|cn|ou|dc)=/g,
          (_, before: string, type: string) => `${before} ${type.toUpperCase()} = `,
        )
        .trim();
    case 2:
      return dn.replace(/^uid=/, '0.9.2342.19200300.100.1.1=').replace(/^cn=/, '2.5.4.3=');
    default:
      return dn.replace(/\\,/g, '\\2C').replace(/\\\+/g, '\\2b');
  }
}

const removePosix = [
  ['delete', 'objectClass', 'posixAccount'],
  ['delete', 'uidNumber'],
  ['delete', 'gidNumber'],
  ['delete', 'homeDirectory'],
  ['delete', 'cn'],
] as const;
const addPosix = (name: string) =>
  [
    ['add', 'objectClass', 'posixAccount'],
    ['add', 'uidNumber', '1'],
    ['add', 'gidNumber', '1'],
    ['add', 'homeDirectory', '/'],
    ['add', 'cn', name],
  ] as const;

function attributesOf(
  node: DirectoryNode,
  members: readonly string[],
  number: number,
): readonly (readonly [string, string])[] {
  const name = plainName(node);
  switch (node.kind) {
    case 'unit':
      return [
        ['objectClass', 'organizationalUnit'],
        ['ou', name],
      ];
    // Its class and its attributes do not show that it has children.
    case 'role':
      return [
        ['objectClass', 'organizationalRole'],
        ['cn', name],
      ];
    case 'person':
      return [
        ['objectClass', 'inetOrgPerson'],
        ['uid', name],
        ['cn', name],
        ['sn', 'Test'],
        ['employeeNumber', `n${number}`],
        ['title', `T${number % 3}`],
      ];
    case 'account':
      return [
        ['objectClass', 'account'],
        ['objectClass', 'posixAccount'],
        ['uid', name],
        ['cn', name],
        ['uidNumber', '1'],
        ['gidNumber', '1'],
        ['homeDirectory', '/'],
      ];
    case 'names':
      return [
        ['objectClass', 'groupOfNames'],
        ['cn', name],
        ...[placeholderMember, ...members].map((dn) => ['member', dn] as const),
      ];
    case 'uniqueNames':
      return [
        ['objectClass', 'groupOfUniqueNames'],
        ['cn', name],
        ...[placeholderMember, ...members].map((dn) => ['uniqueMember', dn] as const),
      ];
    case 'posix':
      return [
        ['objectClass', 'posixGroup'],
        ['cn', name],
        ['gidNumber', '1'],
        ['memberUid', 'anchor'],
      ];
    case 'urls':
      return [
        ['objectClass', 'groupOfURLs'],
        ['cn', name],
        ['memberURL', `ldap:///dc=example,dc=test??sub?(title=T${number % 3})`],
      ];
  }
}
