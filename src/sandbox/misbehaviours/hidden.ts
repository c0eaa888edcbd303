import { errorAnswer } from '../answer.ts';
import type { Application, Habit } from '../application.ts';
import { activeIn, isPatch, memberChanges, operationsOf } from '../operations.ts';
import type { Asked } from '../request.ts';
import { textOf, type Resource } from '../resource.ts';
import { amend, missing, withoutMember } from '../resources.ts';
import { ScimError } from '../scim-error.ts';
import { upsert } from '../upsert.ts';
import { isChange, succeeded } from './answers.ts';

/** Accounts that were planted belong to somebody else: nobody sees them, and their names are taken. */
export function hiddenAccounts(): Habit {
  const planted = new Set<string>();
  const isPlanted = (account: Resource | undefined): boolean =>
    planted.has(textOf(account?.['userName']).toLowerCase());
  return {
    store(attributes, { kind, asked }) {
      if (kind === 'User' && asked === undefined) planted.add(textOf(attributes['userName']).toLowerCase());
      return attributes;
    },
    appear: (resource, kind) => (kind === 'User' && isPlanted(resource) ? undefined : resource),
    judge({ kind, id }, app) {
      if (kind === 'User' && id !== undefined && isPlanted(app.contents.get('User', id))) throw missing('User', id);
      return undefined;
    },
  };
}

/** A user whose change was refused is kept out of sight, and out of its groups, until a change of it is taken. */
export function rejectedAccounts(): Habit {
  const rejected = new Set<string>();
  const merging = upsert(({ id }) => rejected.has(id));
  return {
    ...merging,
    appear: (resource, kind) => (kind === 'User' && rejected.has(resource.id) ? undefined : resource),
    answer(given, asked, app) {
      const answer = merging.answer?.(given, asked, app) ?? given;
      const { kind, id } = asked;
      if (kind !== 'User' || id === undefined || !isChange(asked)) return answer;
      if (succeeded(answer)) rejected.delete(id);
      else if (answer.status === 400 && app.contents.get('User', id) !== undefined && !rejected.has(id)) {
        rejected.add(id);
        for (const group of [...app.contents.groupsOf(id)]) amend(app, 'Group', group, withoutMember(group, id));
      }
      return answer;
    },
  };
}

/** Somebody who was gone and is back is found by the groups at the second try only. */
export function unknownToGroups(): Habit {
  const gone = new Set<string>();
  const unknown = new Set<string>();
  const nameOf = (id: string | undefined, app: Application): string =>
    textOf(id === undefined ? undefined : app.contents.get('User', id)?.['userName']).toLowerCase();
  const closes = (asked: Asked): boolean =>
    asked.request.method === 'DELETE' || (isChange(asked) && activeIn(asked) === false);
  return {
    judge(asked, app) {
      if (asked.kind === 'User' && asked.id !== undefined && closes(asked)) gone.add(nameOf(asked.id, app));
      if (asked.kind !== 'Group' || !isPatch(asked)) return undefined;
      const met = memberChanges(operationsOf(asked.message)).add.filter((id) => unknown.has(id));
      for (const id of met) unknown.delete(id);
      return met.length === 0 ? undefined : errorAnswer(new ScimError(404, 'User not found'));
    },
    answer(answer, asked, app) {
      const isBack =
        asked.kind === 'User' &&
        succeeded(answer) &&
        (asked.request.method === 'POST' || (isChange(asked) && activeIn(asked) === true));
      const id = asked.id ?? textOf(answer.body?.['id']);
      const name = nameOf(id, app);
      if (isBack && gone.delete(name)) unknown.add(id);
      return answer;
    },
  };
}
