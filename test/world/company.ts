import { seeded, whole } from './random.ts';

export interface Person {
  readonly id: string;
  userName: string;
  givenName: string;
  familyName: string;
  email: string;
  title: string;
  department: string;
  manager: string | undefined;
  active: boolean;
}

export interface Team {
  readonly id: string;
  displayName: string;
  /** Ids of people and of teams. */
  readonly members: Set<string>;
}

/** What HR knows, and what it once knew: who left stays here, as an application that only deactivates remembers them. */
export interface Company {
  readonly people: Map<string, Person>;
  readonly teams: Map<string, Team>;
  readonly left: Map<string, Person>;
  readonly random: () => number;
  hired: number;
}

const given = [
  'Ada',
  'Björn',
  'Chloé',
  'Dmitri',
  'Ewa',
  'Farah',
  'Grace',
  'Hedy',
  'Ines',
  'Jörg',
  'Karen',
  'Li',
  'Mary',
  'Núria',
  'Olga',
  'Priya',
];
const family = [
  'Lovelace',
  "O'Neill",
  'Müller',
  'Hopper',
  'Nguyễn',
  'Smith, Jr.',
  'von "Rot" Weiß',
  'Åberg',
  'García',
  'Kowalski',
  'Tanaka',
  'Okafor',
];
const titles = ['Engineer', 'Analyst, senior', 'Clerk', 'Head of "Things"', 'Nurse'];
const departments = ['Research', 'Sales', 'Care', 'Legal & Risk', 'IT'];

/** @param teams every person is in one or two of them */
export function company(seed: number, size: number, teams = 0): Company {
  const made: Company = { people: new Map(), teams: new Map(), left: new Map(), random: seeded(seed), hired: 0 };
  for (let number = 1; number <= teams; number += 1) addTeam(made, `t${number}`, `Team ${number}`);
  for (let number = 0; number < size; number += 1) hire(made);
  return made;
}

/** A joiner. The manager is somebody who is there already; one in ten has none. */
export function hire(made: Company, fixed: Partial<Person> = {}): Person {
  made.hired += 1;
  const { random } = made;
  const pick = (names: readonly string[]): string => names[whole(random, names.length)] ?? '';
  const managers = [...made.people.keys()];
  const id = fixed.id ?? `e${String(made.hired).padStart(5, '0')}`;
  const person: Person = {
    id,
    userName: `p${made.hired}@corp.example`,
    givenName: pick(given),
    familyName: pick(family),
    email: `p${made.hired}@mail.corp.example`,
    title: pick(titles),
    department: pick(departments),
    manager: managers.length === 0 || random() < 0.1 ? undefined : managers[whole(random, managers.length)],
    active: true,
    ...fixed,
  };
  made.people.set(id, person);
  const teams = [...made.teams.values()];
  for (let turn = 0; turn < 2 && teams.length > 0; turn += 1) teams[whole(random, teams.length)]?.members.add(id);
  return person;
}

/** A leaver. Nobody is managed by somebody who left: their people get the leaver's own manager, as HR does it. */
export function leave(made: Company, id: string): Person {
  const person = byId(made, id);
  made.people.delete(id);
  made.left.set(id, person);
  for (const team of made.teams.values()) team.members.delete(id);
  for (const other of made.people.values())
    if (other.manager === id) other.manager = person.manager === other.id ? undefined : person.manager;
  return person;
}

export function rehire(made: Company, id: string, teams: Iterable<string> = []): Person {
  const person = made.left.get(id);
  if (person === undefined) throw new Error(`${id} never left`);
  made.left.delete(id);
  made.people.set(id, person);
  for (const team of teams) made.teams.get(team)?.members.add(id);
  return person;
}

export function addTeam(made: Company, id: string, displayName: string, members: Iterable<string> = []): Team {
  const team = { id, displayName, members: new Set(members) };
  made.teams.set(id, team);
  return team;
}

export function byId(made: Company, id: string): Person {
  const person = made.people.get(id);
  if (person === undefined) throw new Error(`${id} does not work here`);
  return person;
}

/** The first `count` people who manage nobody, so that their leaving changes nobody else. */
export function withoutReports(made: Company, count: number): Person[] {
  const managers = new Set([...made.people.values()].map(({ manager }) => manager));
  const free = [...made.people.values()].filter(({ id }) => !managers.has(id)).slice(0, count);
  if (free.length < count) throw new Error(`only ${free.length} people manage nobody`);
  return free;
}
