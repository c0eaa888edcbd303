import fc from 'fast-check';
import { changeRecord } from './ldif/change-record.ts';

/** Possible changes of a directory; numbers choose among the existing entries. */
export type RandomChange = readonly [kind: (typeof changeKinds)[number], one: number, other: number];

const changeKinds = [
  'add',
  'delete',
  'retitle',
  'rename',
  'move',
  'lock',
  'leaveFilter',
  'manager',
  'join',
  'part',
  'nest',
  'addGroup',
  'deleteGroup',
  'renameGroup',
  'login',
  'renameUnit',
  'swapNames',
  'outAndIn',
  'read',
] as const;

export const randomChanges = (most: number): fc.Arbitrary<readonly RandomChange[]> =>
  fc.array(fc.tuple(fc.constantFrom(...changeKinds), fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: most });

interface Person {
  uid: string;
  unit: string;
  locked: boolean;
  staff: boolean;
}

interface Group {
  cn: string;
  members: Set<string>;
  logins: Set<string>;
}

/**
 * A directory below a unit of its own, with the names of what is in it, so that every change is one that the server
 * takes. Names come from few, so that they change hands.
 */
export class RandomDirectory {
  readonly people: string;
  readonly groups: string;
  private readonly root: string;
  private readonly persons: Person[] = [];
  private readonly teams: Group[] = [];
  private units = ['', 'ou=x,', 'ou=y,'];
  private titles = 0;

  constructor(root: string) {
    this.root = root;
    this.people = `ou=people,${root}`;
    this.groups = `ou=groups,${root}`;
  }

  /** LDIF of the beginning. */
  begin(): string {
    const unit = (dn: string): string => `dn: ${dn}\nobjectClass: organizationalUnit\n`;
    const units = [
      this.root,
      this.people,
      this.groups,
      `ou=out,${this.root}`,
      `ou=x,${this.people}`,
      `ou=y,${this.people}`,
    ].map(unit);
    const people = [0, 1, 2, 3].map((at) => this.add(0, at));
    const groups = [0, 1].map(() => this.addGroup(0));
    return [...units, ...people, ...groups, this.join(0, 0), this.join(1, 0), this.join(1, 1), this.nest(0, 1)].join(
      '\n',
    );
  }

  /** LDIF of what happens; empty where it cannot. */
  applyChange([kind, one, other]: RandomChange): string {
    return kind === 'read' ? '' : this[kind](one, other);
  }

  private name = ({ uid, unit }: Person): string =>
    `${rdn(uid)},${unit === 'out' ? `ou=out,${this.root}` : `${unit}${this.people}`}`;
  private dnOfGroup = ({ cn }: Pick<Group, 'cn'>): string => `cn=${cn},${this.groups}`;
  private person = (at: number): Person | undefined => this.persons[at % Math.max(1, this.persons.length)];
  private team = (at: number): Group | undefined => this.teams[at % Math.max(1, this.teams.length)];

  private freeUid(at: number): string | undefined {
    const free = ['ann', 'Bob', 'cy, jr', 'dée', 'e+e', '#eff', 'g;g', 'h"h'].filter(
      (uid) => !this.persons.some((person) => person.uid === uid),
    );
    return free[at % Math.max(1, free.length)];
  }

  private freeCn(at: number): string | undefined {
    const free = ['red', 'blue', 'green', 'gray'].filter((cn) => !this.teams.some((team) => team.cn === cn));
    return free[at % Math.max(1, free.length)];
  }

  private add(at: number, other = 0): string {
    const uid = this.freeUid(at);
    if (uid === undefined) return '';
    const person = { uid, unit: this.units[other % this.units.length] ?? '', locked: false, staff: true };
    this.persons.push(person);
    return changeRecord(this.name(person), 'add', [
      'objectClass: inetOrgPerson',
      `uid:: ${base64(uid)}`,
      `cn:: ${base64(uid)}`,
      'sn: Test',
      'employeeType: staff',
    ]);
  }

  private forget(dn: string): void {
    for (const team of this.teams) team.members.delete(dn);
  }

  private delete(at: number): string {
    const person = this.person(at);
    if (person === undefined || this.persons.length < 3) return '';
    this.persons.splice(this.persons.indexOf(person), 1);
    return changeRecord(this.name(person), 'delete');
  }

  private retitle(at: number): string {
    const person = this.person(at);
    return person === undefined
      ? ''
      : changeRecord(this.name(person), 'modify', ['replace: title', `title: ${(this.titles += 1)}`]);
  }

  private rename(at: number, other: number): string {
    const [person, uid] = [this.person(at), this.freeUid(other)];
    return person === undefined || uid === undefined ? '' : this.renamed(person, uid);
  }

  private renamed(person: Person, uid: string): string {
    const before = this.name(person);
    person.uid = uid;
    return changeRecord(before, 'modrdn', [`newrdn:: ${base64(rdn(uid))}`, 'deleteoldrdn: 1']);
  }

  private move(at: number, other: number): string {
    const person = this.person(at);
    const unit = [...this.units, 'out'][other % (this.units.length + 1)] ?? '';
    return person === undefined || person.unit === unit ? '' : this.moved(person, unit);
  }

  private moved(person: Person, unit: string): string {
    const before = this.name(person);
    person.unit = unit;
    const above = this.name(person).slice(rdn(person.uid).length + 1);
    return changeRecord(before, 'modrdn', [
      `newrdn:: ${base64(rdn(person.uid))}`,
      'deleteoldrdn: 1',
      `newsuperior: ${above}`,
    ]);
  }

  private outAndIn(at: number): string {
    const person = this.person(at);
    if (person === undefined || person.unit === 'out') return '';
    const { unit } = person;
    return `${this.moved(person, 'out')}\n${this.moved(person, unit)}`;
  }

  private swapNames(at: number, other: number): string {
    const [one, two, free] = [this.person(at), this.person(other), this.freeUid(0)];
    if (one === undefined || two === undefined || one === two || free === undefined) return '';
    const [first, second] = [one.uid, two.uid];
    return [this.renamed(one, free), this.renamed(two, first), this.renamed(one, second)].join('\n');
  }

  private lock(at: number): string {
    const person = this.person(at);
    if (person === undefined) return '';
    person.locked = !person.locked;
    return changeRecord(
      this.name(person),
      'modify',
      person.locked ? ['replace: nsAccountLock', 'nsAccountLock: true'] : ['delete: nsAccountLock'],
    );
  }

  private leaveFilter(at: number): string {
    const person = this.person(at);
    if (person === undefined) return '';
    person.staff = !person.staff;
    return changeRecord(this.name(person), 'modify', [
      'replace: employeeType',
      `employeeType: ${person.staff ? 'staff' : 'guest'}`,
    ]);
  }

  private manager(at: number, other: number): string {
    const [person, boss] = [this.person(at), this.person(other)];
    return person === undefined || boss === undefined
      ? ''
      : changeRecord(this.name(person), 'modify', ['replace: manager', `manager:: ${base64(this.name(boss))}`]);
  }

  /** A member who left under that name may still be named, so that names are replaced as a whole. */
  private members(team: Group): string {
    return changeRecord(this.dnOfGroup(team), 'modify', [
      'replace: member',
      ...[...team.members].map((dn) => `member:: ${base64(dn)}`),
    ]);
  }

  private join(at: number, other: number): string {
    const [team, person] = [this.team(at), this.person(other)];
    if (team === undefined || person === undefined) return '';
    team.members.add(this.name(person));
    return this.members(team);
  }

  private part(at: number, other: number): string {
    const team = this.team(at);
    const dn = team === undefined ? undefined : [...team.members][other % Math.max(1, team.members.size)];
    if (team === undefined || dn === undefined) return '';
    this.forget(dn);
    return this.members(team);
  }

  private nest(at: number, other: number): string {
    const [team, inner] = [this.team(at), this.team(other)];
    if (team === undefined || inner === undefined || team === inner) return '';
    team.members.add(this.dnOfGroup(inner));
    return this.members(team);
  }

  private login(at: number, other: number): string {
    const [team, uid] = [this.team(at), ['ann', 'Bob', 'e+e'][other % 3] ?? ''];
    if (team === undefined) return '';
    if (!team.logins.delete(uid)) team.logins.add(uid);
    return changeRecord(this.dnOfGroup(team), 'modify', [
      'replace: memberUid',
      ...[...team.logins].map((login) => `memberUid:: ${base64(login)}`),
    ]);
  }

  private addGroup(at: number): string {
    const cn = this.freeCn(at);
    if (cn === undefined) return '';
    const team = { cn, members: new Set<string>(), logins: new Set<string>() };
    this.teams.push(team);
    return changeRecord(this.dnOfGroup(team), 'add', [
      'objectClass: groupOfNames',
      'objectClass: extensibleObject',
      `cn: ${cn}`,
    ]);
  }

  private deleteGroup(at: number): string {
    const team = this.team(at);
    if (team === undefined || this.teams.length < 2) return '';
    this.teams.splice(this.teams.indexOf(team), 1);
    return changeRecord(this.dnOfGroup(team), 'delete');
  }

  private renameGroup(at: number, other: number): string {
    const [team, cn] = [this.team(at), this.freeCn(other)];
    if (team === undefined || cn === undefined) return '';
    const before = this.dnOfGroup(team);
    team.cn = cn;
    return changeRecord(before, 'modrdn', [`newrdn: cn=${cn}`, 'deleteoldrdn: 1']);
  }

  /** Each of them once: 2.3.1 itself finds those in a unit under their old names once it is renamed again. */
  private renameUnit(at: number): string {
    const before = this.units[1 + (at % 2)] ?? '';
    if (/\d/.test(before)) return '';
    const after = `ou=${before.slice('ou='.length, -1)}${at % 7},`;
    this.units = this.units.map((unit) => (unit === before ? after : unit));
    for (const person of this.persons) if (person.unit === before) person.unit = after;
    return changeRecord(`${before}${this.people}`, 'modrdn', [`newrdn: ${after.slice(0, -1)}`, 'deleteoldrdn: 1']);
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** RFC 4514 2.4. */
const rdn = (uid: string): string =>
  `uid=${uid
    .replace(/[,+"\\<>;]/g, '\\$&')
    .replace(/^[# ]/, '\\$&')
    .replace(/ $/, '\\ ')}`;
