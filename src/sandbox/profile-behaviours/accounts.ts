import { createHash } from 'node:crypto';
import type { Protocol } from '../../model/profile.ts';
import type { Application, Behaviour } from '../behaviours/behaviour.ts';
import { requestedActive, changesOnlyActive } from '../behaviours/patch-operations.ts';
import type { ScimRequest } from '../http/request.ts';
import { textOf, type Resource } from '../resources/resource.ts';
import { update, attributesOf, notFound, withoutMember } from '../resources/resources.ts';
import { badRequest, ScimError } from '../http/scim-error.ts';

/**
 * Deactivation, visibility and reactivation of users: `deactivation`, `deletion`, `inactiveUsers`,
 * `inactiveUsersWritable`, `reactivation`.
 */
export function accountLifecycle(protocol: Protocol): Behaviour {
  const deletionDeactivates = protocol.deactivation === 'delete' || protocol.deletion === 'deactivates';
  return {
    intercept(request, app) {
      const { resourceType, id, http } = request;
      if (resourceType !== 'User' || id === undefined) return undefined;
      if (http.method === 'DELETE' && protocol.deletion === 'never' && protocol.deactivation !== 'delete') {
        throw new ScimError(405, 'Users cannot be deleted: deactivate them.', undefined, {
          allow: 'GET, PUT, PATCH',
        });
      }
      const account = app.store.get('User', id);
      if (account !== undefined && http.method !== 'GET') rejectChange(request, account, protocol);
      return undefined;
    },
    handleDelete(resourceType, resource, app) {
      if (resourceType !== 'User' || !deletionDeactivates) return false;
      deactivate(resource, app);
      return true;
    },
    visibleAs(resource, resourceType) {
      if (resourceType !== 'User' || resource['active'] !== false) return resource;
      if (protocol.inactiveUsers === 'notFound') return undefined;
      return protocol.inactiveUsers === 'anonymised' ? anonymised(resource) : resource;
    },
  };
}

/**
 * Refuses updates that the profile does not allow.
 * @throws ScimError 400, or 404 for an inactive user if the profile hides inactive users
 */
function rejectChange(request: ScimRequest, account: Resource, protocol: Protocol): void {
  const { method } = request.http;
  const active = requestedActive(request);
  const isInactive = account['active'] === false;
  if (!isInactive) {
    if (active === false && protocol.deactivation === 'delete')
      throw badRequest('invalidValue', 'Deactivate a user by DELETE, not by active false.');
    return;
  }
  const reactivates = method === 'PUT' ? active !== false : active === true;
  if (reactivates && (protocol.reactivation === 'active' || (protocol.reactivation === 'put' && method === 'PUT')))
    return;
  if (protocol.inactiveUsers === 'notFound') throw notFound('User', account.id);
  if (reactivates) throw badRequest('invalidValue', `Reactivate a user ${reactivationHints[protocol.reactivation]}.`);
  if (!protocol.inactiveUsersWritable && method !== 'DELETE' && !changesOnlyActive(request))
    throw badRequest('mutability', 'An inactive user cannot be updated.');
}

const reactivationHints: Readonly<Record<Protocol['reactivation'], string>> = {
  active: 'by active true',
  put: 'by PUT',
  create: 'by a new POST',
  never: 'in the application itself; SCIM cannot do it',
};

/** Sets `active` to false instead of deleting the user. */
export function deactivate(resource: Resource, app: Application): void {
  const groups = app.options.deletionEndsMemberships ? [...app.store.groupsOf(resource.id)] : [];
  update(app, 'User', resource, { ...attributesOf(resource), active: false });
  for (const group of groups) update(app, 'Group', group, withoutMember(group, resource.id));
}

/** The user with a hash as its userName, and without the attributes that identify the person. */
export function anonymised(resource: Resource): Resource {
  const name = createHash('sha256').update(textOf(resource['userName'])).digest('hex').slice(0, 20);
  const { displayName: _displayName, name: _name, emails: _emails, nickName: _nickName, ...rest } = resource;
  return { ...rest, id: resource.id, schemas: resource.schemas, meta: resource.meta, userName: name };
}
