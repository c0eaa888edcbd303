import { canonicalPath, covers } from '../../../desired/canonical-path.ts';
import { entriesFromColumns } from '../../../desired/default-mapping.ts';
import { attributeExpression } from '../../../desired/expressions/attribute-variables.ts';
import { enterpriseUserSchema, managerPath } from '../../../model/path.ts';
import { isMail, isMostly, plainName, type ColumnFacts } from '../csv/column-facts.ts';
import { shareIn } from '../csv/propose-groups.ts';

/** An attribute that `init` proposes, and the names of columns that have its value. */
interface KnownAttribute {
  readonly path: string;
  readonly names: RegExp;
}

/** In the order in which a person reads them. */
export const knownAttributes: readonly KnownAttribute[] = [
  { path: 'name.givenName', names: /^(?:given|first|fore)names?$|^(?:vorname|prenom|nombre)$/ },
  { path: 'name.familyName', names: /^(?:family|last|sur)names?$|^(?:sn|nachname|nom|apellidos?)$/ },
  { path: 'displayName', names: /^(?:display|full|common|preferred)name$|^(?:name|cn)$/ },
  {
    path: 'emails[type eq "work"].value',
    names: /^(?:(?:work|business|office|primary|company)?e?mail(?:address|adresse)?)$/,
  },
  { path: 'phoneNumbers[type eq "work"].value', names: /^(?:work|business|office)?(?:tele)?(?:phone|fon)(?:number)?$/ },
  { path: 'phoneNumbers[type eq "mobile"].value', names: /^(?:mobile|cell)(?:phone)?(?:number)?$/ },
  { path: 'title', names: /^(?:(?:job|position|work)title|jobname|position|job|funktion)$/ },
  {
    path: `${enterpriseUserSchema}:department`,
    names: /^(?:department|dept)(?:name)?$|^(?:abteilung|orgunit|orgunitname)$/,
  },
  { path: `${enterpriseUserSchema}:division`, names: /^(?:division|businessunit)(?:name)?$/ },
  { path: `${enterpriseUserSchema}:organization`, names: /^(?:company|organisation|organization|employer)(?:name)?$/ },
  { path: `${enterpriseUserSchema}:costCenter`, names: /^(?:cost(?:center|centre)|kostenstelle)(?:code|number|id)?$/ },
  {
    path: managerPath,
    names: /^(?:(?:line)?manager|supervisor|boss|reportsto|vorgesetzter?)(?:number|num|no|nr|id|key)?$/,
  },
];

const userNames = /^(?:(?:user|login|logon|account)(?:name|id)?|upn|userprincipalname|samaccountname|uid)$/;

/** Users of a file, as far as they decide about a mapping. */
export interface MappedTable {
  readonly columns: readonly ColumnFacts[];
  /** The values of the key: managers are named by them. */
  readonly keys: ReadonlySet<string>;
}

/** The columns that are mapped by their names alone: SCIM path → column. */
export function mappedByName(columns: readonly ColumnFacts[]): ReadonlyMap<string, string> {
  const names = columns.map(({ name }) => name);
  return new Map(
    entriesFromColumns('User', names).flatMap(({ at: { text } }) => {
      const column = names.find((name) => isPath(name, text));
      return column === undefined ? [] : [[text, column] as const];
    }),
  );
}

function isPath(column: string, path: string): boolean {
  try {
    return canonicalPath('User', column).text === path;
  } catch {
    // It is a name and no path.
    return false;
  }
}

/** The column with the name by which a user logs in: one with such a name, or else the e-mail address. */
export function proposeUserName(columns: readonly ColumnFacts[]): string | undefined {
  const possible = columns.filter(({ isUnique }) => isUnique);
  const login = possible.find(({ name }) => userNames.test(plainName(name)));
  return (login ?? possible.find((column) => isMostly(column, isMail)))?.name;
}

/** The expression for userName. Most applications compare e-mail addresses without case, and some change it. */
export function userNameExpression(column: ColumnFacts): string {
  const attribute = attributeExpression('user', column.name);
  return isMostly(column, isMail) ? `${attribute}.lowerAscii()` : attribute;
}

/** SCIM path → column, for columns with the name of an attribute. Those that are mapped by their names are left out. */
export function proposeMapping({ columns, keys }: MappedTable): ReadonlyMap<string, string> {
  const implicit = [...mappedByName(columns).keys()].map((path) => canonicalPath('User', path).path);
  const namesUsers = referencesUsers(keys);
  const proposed = new Map<string, string>();
  for (const { path, names } of knownAttributes) {
    const at = canonicalPath('User', path).path;
    if (implicit.some((other) => covers(other, at) || covers(at, other))) continue;
    const column = columns.find(
      (each) => each.filled > 0 && names.test(plainName(each.name)) && (path !== managerPath || namesUsers(each)),
    );
    if (column !== undefined) proposed.set(path, column.name);
  }
  return proposed;
}

/** Whether the values of a column are mostly keys of users, as those of a manager must be. */
export const referencesUsers =
  (keys: ReadonlySet<string>) =>
  ({ examples }: Pick<ColumnFacts, 'examples'>): boolean =>
    shareIn(examples, keys) >= 0.5;
