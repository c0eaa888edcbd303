import { seededRandom, randomInt } from './random.ts';

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

/** The employees of HR and the leavers. Leavers stay in the model because an application deactivates their accounts. */
export interface Company {
  readonly people: Map<string, Person>;
  readonly teams: Map<string, Team>;
  readonly leavers: Map<string, Person>;
  readonly random: () => number;
  hireCount: number;
}

const givenNames = [
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
const familyNames = [
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

/** @param teams number of teams; every person is a member of one or two */
export function createCompany(seed: number, size: number, teams = 0): Company {
  const company: Company = {
    people: new Map(),
    teams: new Map(),
    leavers: new Map(),
    random: seededRandom(seed),
    hireCount: 0,
  };
  for (let number = 1; number <= teams; number += 1) addTeam(company, `t${number}`, `Team ${number}`);
  for (let number = 0; number < size; number += 1) hire(company);
  return company;
}

/** Adds a joiner. The manager is an existing person; about one in ten joiners has no manager. */
export function hire(company: Company, overrides: Partial<Person> = {}): Person {
  company.hireCount += 1;
  const { random } = company;
  const pick = (names: readonly string[]): string => names[randomInt(random, names.length)] ?? '';
  const managers = [...company.people.keys()];
  const id = overrides.id ?? `e${String(company.hireCount).padStart(5, '0')}`;
  const person: Person = {
    id,
    userName: `p${company.hireCount}@corp.example`,
    givenName: pick(givenNames),
    familyName: pick(familyNames),
    email: `p${company.hireCount}@mail.corp.example`,
    title: pick(titles),
    department: pick(departments),
    manager: managers.length === 0 || random() < 0.1 ? undefined : managers[randomInt(random, managers.length)],
    active: true,
    ...overrides,
  };
  company.people.set(id, person);
  const teams = [...company.teams.values()];
  for (let turn = 0; turn < 2 && teams.length > 0; turn += 1) teams[randomInt(random, teams.length)]?.members.add(id);
  return person;
}

/** Makes a person a leaver. The reports of the leaver get the leaver's manager, as in an HR system. */
export function leave(company: Company, id: string): Person {
  const person = byId(company, id);
  company.people.delete(id);
  company.leavers.set(id, person);
  for (const team of company.teams.values()) team.members.delete(id);
  for (const other of company.people.values())
    if (other.manager === id) other.manager = person.manager === other.id ? undefined : person.manager;
  return person;
}

export function rehire(company: Company, id: string, teams: Iterable<string> = []): Person {
  const person = company.leavers.get(id);
  if (person === undefined) throw new Error(`${id} never left`);
  company.leavers.delete(id);
  company.people.set(id, person);
  for (const team of teams) company.teams.get(team)?.members.add(id);
  return person;
}

export function addTeam(company: Company, id: string, displayName: string, members: Iterable<string> = []): Team {
  const team = { id, displayName, members: new Set(members) };
  company.teams.set(id, team);
  return team;
}

export function byId(company: Company, id: string): Person {
  const person = company.people.get(id);
  if (person === undefined) throw new Error(`${id} is not an employee`);
  return person;
}

/** The first `count` people without reports: when they leave, no other person changes. */
export function peopleWithoutReports(company: Company, count: number): Person[] {
  const managers = new Set([...company.people.values()].map(({ manager }) => manager));
  const candidates = [...company.people.values()].filter(({ id }) => !managers.has(id)).slice(0, count);
  if (candidates.length < count) throw new Error(`only ${candidates.length} people have no reports`);
  return candidates;
}
