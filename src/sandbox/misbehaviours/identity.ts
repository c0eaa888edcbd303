import { randomUUID } from 'node:crypto';
import type { Json } from '../../model/resource.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import type { Application, Behaviour } from '../behaviours/behaviour.ts';
import { membersIn } from '../behaviours/patch-operations.ts';
import { withMember, type Resource } from '../resources/resource.ts';
import { update, attributesOf } from '../resources/resources.ts';

/** The id of a new user is its externalId. Users that exist at the first request get new ids. */
export function changedIds(): Behaviour {
  let hasStarted = false;
  return {
    transformRequest(request, app) {
      if (!hasStarted) for (const account of [...app.store.all('User')]) changeId(account, app);
      hasStarted = true;
      return request;
    },
    assignId({ resourceType, body }) {
      const externalId = getIgnoringCase(body, 'externalId');
      return resourceType === 'User' && typeof externalId === 'string' && externalId !== '' ? externalId : undefined;
    },
  };
}

/** Gives a user another id, in its groups too. @returns the new id */
export function changeId(account: Resource, app: Application): string {
  const id = randomUUID();
  const groups = [...app.store.groupsOf(account.id)];
  app.store.delete('User', account.id);
  update(app, 'User', { ...account, id, schemas: account.schemas, meta: account.meta }, attributesOf(account));
  for (const group of groups) {
    const members = membersIn(group['members']).map(({ value, ...rest }): Json => ({
      ...withMember(rest, '$ref', undefined),
      value: value === account.id ? id : (value ?? ''),
    }));
    update(app, 'Group', group, withMember(attributesOf(group), 'members', members));
  }
  return id;
}
