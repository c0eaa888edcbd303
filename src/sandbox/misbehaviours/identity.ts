import { randomUUID } from 'node:crypto';
import type { Json } from '../../model/resource.ts';
import { member } from '../../model/shape.ts';
import type { Application, Habit } from '../application.ts';
import { membersIn } from '../operations.ts';
import { withMember, type Resource } from '../resource.ts';
import { amend, attributesOf } from '../resources.ts';

/** The id of a new user is its externalId; everybody who is there when this begins gets a new id. */
export function changedIds(): Habit {
  let begun = false;
  return {
    hear(asked, app) {
      if (!begun) for (const account of [...app.contents.all('User')]) moved(account, app);
      begun = true;
      return asked;
    },
    identify({ kind, message }) {
      const externalId = member(message, 'externalId');
      return kind === 'User' && typeof externalId === 'string' && externalId !== '' ? externalId : undefined;
    },
  };
}

function moved(account: Resource, app: Application): void {
  const id = randomUUID();
  const groups = [...app.contents.groupsOf(account.id)];
  app.contents.delete('User', account.id);
  amend(app, 'User', { ...account, id, schemas: account.schemas, meta: account.meta }, attributesOf(account));
  for (const group of groups) {
    const members = membersIn(group['members']).map(({ value, ...rest }): Json => ({
      ...withMember(rest, '$ref', undefined),
      value: value === account.id ? id : (value ?? ''),
    }));
    amend(app, 'Group', group, withMember(attributesOf(group), 'members', members));
  }
}
