import type { Random } from '../../../src/model/clock.ts';
import { randomInt, shuffled } from '../../world/random.ts';
import type { Company, Person } from '../company.ts';

/** A small company that changes at random. */
export interface Life {
  readonly company: Company;
  /** A few hires, leaves, returns, renames and other changes. */
  change(): void;
  /** Changes every user and every group, so that each account is written once more. */
  changeAll(): void;
  /** Keys of the users who should have an account. */
  inScope(): ReadonlySet<string>;
}

const maxPeople = 9;
const departments = ['it', 'ops', 'sales'] as const;

/** @param hasScope whether users of the department `sales` are out of scope */
export function createLife(random: Random, hasScope: boolean): Life {
  const people = new Map<string, Person>();
  const groups = new Map<string, { name: string; members: Set<string> }>();
  const left: string[] = [];
  let created = 0;
  let names = 0;

  const one = <T>(items: Iterable<T>): T | undefined => shuffled(random, items)[0];
  const newName = (key: string): string => `${key}.${(names += 1)}@corp.example`;
  const hire = (key = `p${(created += 1)}`): void => {
    people.set(key, {
      userName: newName(key),
      department: departments[randomInt(random, 2)] ?? 'it',
      manager: random() < 0.4 ? one(people.keys()) : undefined,
      active: true,
    });
    const group = one(groups.values());
    if (group !== undefined && random() < 0.6) group.members.add(key);
  };
  const edit = (changes: (person: Person) => Partial<Person>): void => {
    const entry = one(people);
    if (entry !== undefined) people.set(entry[0], { ...entry[1], ...changes(entry[1]) });
  };
  const addGroup = (): void => {
    const key = `g${groups.size + 1}.${(names += 1)}`;
    groups.set(key, { name: `Group ${key}`, members: new Set(shuffled(random, people.keys()).slice(0, 3)) });
  };
  const leave = (): void => {
    const key = people.size > 3 ? one(people.keys()) : undefined;
    if (key === undefined) return;
    people.delete(key);
    left.push(key);
    for (const { members } of groups.values()) members.delete(key);
  };

  for (let count = 0; count < 5; count += 1) hire();
  for (let count = 0; count < 2; count += 1) addGroup();

  return {
    company: { people, groups },
    change() {
      for (let turn = 0; turn < 3; turn += 1)
        switch (randomInt(random, 12)) {
          case 0:
          case 1:
            if (people.size < maxPeople) hire();
            break;
          case 2:
          case 3:
          case 4:
            leave();
            break;
          case 5: {
            const key = left.splice(randomInt(random, Math.max(1, left.length)), 1)[0];
            if (key !== undefined) hire(key);
            break;
          }
          case 6:
            edit(({ active }) => ({ active: !active }));
            break;
          case 7:
            edit(() => ({ department: departments[randomInt(random, 3)] ?? 'it' }));
            break;
          case 8: {
            const [key, person] = one(people) ?? [];
            if (key !== undefined && person !== undefined) people.set(key, { ...person, userName: newName(key) });
            break;
          }
          case 9:
            edit(() => ({ manager: one(people.keys()) }));
            break;
          case 10: {
            const group = one(groups.values());
            const key = one(people.keys());
            if (group !== undefined && key !== undefined && !group.members.delete(key)) group.members.add(key);
            break;
          }
          default:
            if (groups.size < 3) addGroup();
            else groups.delete(one(groups.keys()) ?? '');
        }
    },
    changeAll() {
      for (const [key, person] of people)
        if (!hasScope || person.department !== 'sales')
          people.set(key, { ...person, department: person.department === 'it' ? 'ops' : 'it' });
      for (const group of groups.values()) group.name = `${group.name} renamed`;
    },
    inScope: () =>
      new Set(
        [...people].flatMap(([key, { active, department }]) =>
          active && !(hasScope && department === 'sales') ? [key] : [],
        ),
      ),
  };
}
