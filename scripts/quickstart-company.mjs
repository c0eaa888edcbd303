// Writes the export of a fictitious company for the quickstart.
//
//   node scripts/quickstart-company.mjs FOLDER monday     40 people in 7 departments and 6 teams
//   node scripts/quickstart-company.mjs FOLDER tuesday    after a leaver, a mover and a joiner
//   node scripts/quickstart-company.mjs FOLDER broken     a failed export: people.csv contains only its header
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const columns = [
  'employee_number',
  'given_name',
  'family_name',
  'mail',
  'title',
  'department',
  'manager_number',
  'end_date',
];

/** The first person leads the department; the very first one leads the company. */
const departments = {
  Management: ['Ella Vator'],
  Engineering: [
    'Al Gorithm',
    'Chip Sett',
    'Dot Matrix',
    'Sue Doku',
    'Rob Otics',
    'Mac Address',
    'Cora Dump',
    'Tex Ture',
    'Ray Tracer',
    'Ada Ptor',
    'Cy Pher',
  ],
  Design: ['Paige Turner', 'Art Deco', 'Pat Tern', 'Ann Serif', 'Crystal Clear', 'Hugh Scale'],
  Sales: [
    'Cliff Hanger',
    'Mark Downs',
    'Dee Mand',
    'Frank Lee',
    'Will Power',
    'Faith Full',
    'Grace Period',
    'Bea Bargain',
  ],
  Finance: ['Penny Wise', 'Bill Payer', 'Owen Cash', 'Iva Cheque', 'Ty Coon'],
  Support: ['Anna Gram', 'Justin Time', 'Phil Forms', 'Carrie Oakey', 'Neil Down', 'Wanda Round'],
  People: ['Joy Rider', 'Stan Dard', 'May Bee'],
};

const teams = {
  Platform: ['Al Gorithm', 'Chip Sett', 'Dot Matrix', 'Mac Address', 'Cora Dump', 'Cy Pher'],
  Website: ['Paige Turner', 'Ann Serif', 'Tex Ture', 'Ray Tracer', 'Sue Doku'],
  'Key Accounts': ['Cliff Hanger', 'Mark Downs', 'Frank Lee', 'Grace Period', 'Bea Bargain'],
  Payroll: ['Penny Wise', 'Bill Payer', 'Joy Rider'],
  'Help Desk': ['Anna Gram', 'Justin Time', 'Phil Forms', 'Neil Down', 'Wanda Round'],
  'Fire Wardens': ['Stan Dard', 'Art Deco', 'Faith Full', 'Rob Otics'],
};

const [folder, day] = process.argv.slice(2);
if (folder === undefined || !['monday', 'tuesday', 'broken'].includes(day)) {
  console.error('quickstart-company: expected FOLDER and one of monday, tuesday, broken');
  process.exit(4);
}
const people = peopleOf(departments);
const members = Object.entries(teams).flatMap(([team, names]) => names.map((name) => ({ team, name })));
if (day === 'tuesday') applyTuesdayChanges();
mkdirSync(folder, { recursive: true });
write('people.csv', columns, day === 'broken' ? [] : people);
write(
  'teams.csv',
  ['team_id', 'name'],
  Object.keys(teams).map((name) => ({ team_id: teamId(name), name })),
);
write(
  'members.csv',
  ['team_id', 'employee_number'],
  members.map(({ team, name }) => ({ team_id: teamId(team), employee_number: byName(name).employee_number })),
);

function peopleOf(company) {
  const [[boss]] = Object.values(company);
  const numbers = new Map(
    Object.values(company)
      .flat()
      .map((name, index) => [name, String(1001 + index)]),
  );
  return Object.entries(company).flatMap(([department, names]) =>
    names.map((name) => {
      const manager = name === boss ? undefined : name === names[0] ? boss : names[0];
      return person(
        name,
        numbers.get(name),
        department,
        name === names[0] ? 'Head' : 'Specialist',
        numbers.get(manager) ?? '',
      );
    }),
  );
}

function person(name, number, department, rank, manager) {
  const [given, family] = name.split(' ');
  return {
    employee_number: number,
    given_name: given,
    family_name: family,
    mail: `${given}.${family}@company.example`.toLowerCase(),
    title: `${rank} of ${department}`,
    department,
    manager_number: manager,
    end_date: '',
  };
}

/** Mark Downs leaves, Frank Lee moves from Sales to Support, Justin Case joins Finance. */
function applyTuesdayChanges() {
  byName('Mark Downs').end_date = '2026-11-30';
  Object.assign(byName('Frank Lee'), {
    title: 'Specialist of Support',
    department: 'Support',
    manager_number: byName('Anna Gram').employee_number,
  });
  people.push(person('Justin Case', '1041', 'Finance', 'Specialist', byName('Penny Wise').employee_number));
  members.splice(
    members.findIndex(({ name }) => name === 'Frank Lee'),
    1,
    { team: 'Help Desk', name: 'Frank Lee' },
  );
  members.push({ team: 'Payroll', name: 'Justin Case' });
}

function byName(name) {
  return people.find(({ given_name, family_name }) => `${given_name} ${family_name}` === name);
}

function teamId(name) {
  return name.toLowerCase().replace(' ', '-');
}

/** Writes to a temporary file and renames it, so that a reader never sees a partial file. */
function write(file, header, rows) {
  const lines = [header, ...rows.map((row) => header.map((column) => row[column]))].map(
    (cells) => `${cells.join(',')}\n`,
  );
  writeFileSync(join(folder, `${file}.new`), lines.join(''));
  renameSync(join(folder, `${file}.new`), join(folder, file));
}
