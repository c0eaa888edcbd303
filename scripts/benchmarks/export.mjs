// An HR export like that of a large company: 31 columns, about 550 bytes per row, some quoted cells, line managers and
// teams.
import { closeSync, openSync, writeSync } from 'node:fs';

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
  'Quentin',
  'Rosa',
];
const familyNames = [
  'Lovelace',
  "O'Neill",
  'Müller',
  'Hopper',
  'Nguyễn',
  'Smith, Jr.',
  'Weiß',
  'Åberg',
  'García',
  'Kowalski',
  'Tanaka',
  'Okafor',
  'van der Meer',
];
const titles = ['Engineer', 'Analyst, senior', 'Clerk', 'Head of "Things"', 'Nurse', 'Buyer', 'Technician'];
const departments = ['Research', 'Sales', 'Customer Care', 'Legal & Risk', 'IT', 'Logistics', 'Finance, Controlling'];
const cities = [
  ['Berlin', 'DE', 'Europe/Berlin'],
  ['Zürich', 'CH', 'Europe/Zurich'],
  ['Kraków', 'PL', 'Europe/Warsaw'],
  ['Lyon', 'FR', 'Europe/Paris'],
  ['Osaka', 'JP', 'Asia/Tokyo'],
];
const entities = ['Example Holding AG', 'Example Operations GmbH', 'Example Services, S.A.', 'Example Research Ltd'];

/** Direct reports per line manager. */
const peoplePerManager = 8;

const columns = {
  employee_number: ({ id }) => id,
  user_name: ({ login }) => `${login}@corp.example`,
  given_name: ({ given }) => given,
  family_name: ({ family }) => family,
  display_name: ({ given, family }) => `${given} ${family}`,
  mail: ({ login }) => `${login}@mail.corp.example`,
  private_mail: ({ login }) => `${login}.private@post.example`,
  phone: ({ n }) => `+49 30 ${String(1_000_000 + ((n * 7919) % 8_999_999))}`,
  mobile: ({ n }) => `+49 171 ${String(1_000_000 + ((n * 104_729) % 8_999_999))}`,
  title: ({ n, revision }) => (revision > 0 ? `${pick(titles, n)} ${revision}` : pick(titles, n)),
  job_code: ({ n }) => `J-${String((n * 31) % 9973).padStart(5, '0')}`,
  grade: ({ n }) => `G${(n % 12) + 1}`,
  department: ({ n }) => pick(departments, n * 3),
  department_code: ({ n }) => `D${String(n % 811).padStart(4, '0')}`,
  division: ({ n }) => `Division ${(n % 17) + 1}`,
  cost_center: ({ n }) => `CC-${String((n * 17) % 7919).padStart(6, '0')}`,
  legal_entity: ({ n }) => pick(entities, n),
  manager_number: ({ manager }) => manager,
  location: ({ city, n }) => `${city[0]}, Campus ${(n % 6) + 1}, Tower ${'ABCDEF'[n % 6]}, Floor ${(n % 31) + 1}`,
  path: ({ n }) => `Example Holding AG/${pick(entities, n)}/Division ${(n % 17) + 1}/${pick(departments, n * 3)}`,
  street: ({ n }) => `Example Street ${(n % 240) + 1}, Building ${(n % 9) + 1}`,
  postal_code: ({ n }) => String(10_000 + ((n * 13) % 89_999)),
  city: ({ city }) => city[0],
  country: ({ city }) => city[1],
  language: ({ city }) => `${city[1].toLowerCase()}-${city[1]}`,
  timezone: ({ city }) => city[2],
  hired_on: ({ n }) =>
    `${2000 + (n % 26)}-${String((n % 12) + 1).padStart(2, '0')}-${String((n % 28) + 1).padStart(2, '0')}`,
  contract: ({ n }) => (n % 9 === 0 ? 'part time, unlimited' : 'full time, unlimited'),
  badge: ({ n }) => ((n * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0'),
  notes: ({ n }) =>
    n % 6 === 0
      ? 'Works from home on Mondays, has a "quiet" desk; ask the front office for the key'
      : 'Desk near the window, first aid',
  teams: ({ teams }) => teams.join(';'),
};

/** Employee number of the person with this number, counted from 0. */
export const employee = (n) => `E${String(n).padStart(8, '0')}`;

/** The number of the person with this user name. */
export const numberOf = (userName) => Number(/^person\.(\d+)@/.exec(userName)[1]);

/** The number of a person's line manager; only the first `1/peoplePerManager` of all people are line managers. */
export const managerOf = (n) => (n === 0 ? undefined : Math.floor((n - 1) / peoplePerManager));

export const teamsOf = (n, people) => {
  const count = Math.max(1, Math.floor(people / 100));
  const own = n % count;
  const other = (n * 7 + 3) % count;
  return own === other || n % 3 === 0 ? [own] : [own, other];
};

/**
 * Writes one export.
 *
 * @param people number of people for whom the teams were made
 * @param order the numbers of the people in the export, in this order
 * @param revisionOf number of title changes of this person
 */
export function writeExport(file, people, order, revisionOf = () => 0) {
  const fd = openSync(file, 'w');
  let text = `${Object.keys(columns).join(',')}\n`;
  const fields = Object.values(columns);
  for (const n of order) {
    const person = personOf(n, people, revisionOf(n));
    text += `${fields.map((field) => quoteCell(field(person))).join(',')}\n`;
    if (text.length < 1 << 20) continue;
    writeSync(fd, text);
    text = '';
  }
  writeSync(fd, text);
  closeSync(fd);
}

function personOf(n, people, revision) {
  const manager = managerOf(n);
  return {
    n,
    revision,
    id: employee(n),
    login: `person.${n}`,
    given: pick(givenNames, n),
    family: pick(familyNames, n * 5 + 1),
    city: pick(cities, n * 11),
    manager: manager === undefined ? '' : employee(manager % people),
    teams: teamsOf(n, people).map((team) => `Team ${String(team).padStart(5, '0')}`),
  };
}

const pick = (list, n) => list[n % list.length];
const quoteCell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export const range = (count, from = 0) => Array.from({ length: count - from }, (_, index) => from + index);

/** Shuffles; the same seed gives the same order. */
export function shuffled(list, seed) {
  const result = [...list];
  let state = seed >>> 0;
  for (let index = result.length - 1; index > 0; index -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 4_294_967_296) * (index + 1));
    [result[index], result[other]] = [result[other], result[index]];
  }
  return result;
}
