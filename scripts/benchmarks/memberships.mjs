// A company with files of its own for groups and memberships, beside that of people.
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { shuffled } from './export.mjs';

export const membershipSource = {
  type: 'csv',
  users: { file: 'people.csv', key: 'id' },
  groups: { file: 'groups.csv', key: 'id' },
  memberships: { file: 'members.csv', group: 'group', member: 'member' },
};

export const membershipMapping = {
  user: { userName: 'user.user_name', title: 'user.title' },
  group: { displayName: 'group.name' },
};

/** The rules of a target that use groups: all users in scope belong to a group. */
export const groupScope = { users: "groups.exists(name, name.startsWith('Group '))" };

/**
 * Writes people, groups and memberships. Each group has the same number of members, from a position of its own, and the
 * rows of the memberships are in no order of users.
 *
 * @param without the number of members that the first group lacks
 */
export function writeCompany(folder, { people, groups, memberships }, without = 0) {
  const lines = (count, heading, line) => [heading, ...Array.from({ length: count }, (_, n) => line(n)), ''].join('\n');
  writeFileSync(
    join(folder, 'people.csv'),
    lines(people, 'id,user_name,title', (n) => `p${n},person.${n}@corp.example,Title ${n % 7}`),
  );
  writeFileSync(
    join(folder, 'groups.csv'),
    lines(groups, 'id,name', (n) => `g${n},Group ${n}`),
  );
  const fd = openSync(join(folder, 'members.csv'), 'w');
  writeSync(fd, 'group,member\n');
  const each = Math.floor(memberships / groups);
  const offsets = shuffled(
    Array.from({ length: people }, (_, n) => n),
    5,
  );
  for (let group = 0; group < groups; group += 1) {
    let text = '';
    for (let index = group === 0 ? without : 0; index < each; index += 1)
      text += `g${group},p${offsets[(group * 7919 + index) % people]}\n`;
    writeSync(fd, text);
  }
  closeSync(fd);
}
