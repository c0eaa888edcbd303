import { createHash } from 'node:crypto';
import type { Speaks } from '../../model/profile.ts';
import type { Application, Habit } from '../application.ts';
import { activeIn, saysActiveAlone } from '../operations.ts';
import type { Asked } from '../request.ts';
import { textOf, type Resource } from '../resource.ts';
import { amend, attributesOf, missing, withoutMember } from '../resources.ts';
import { badRequest, ScimError } from '../scim-error.ts';

/**
 * How accounts are closed, what is said of closed ones, and how they are opened again: `deactivation`, `deletion`, `inactiveUsers`,
 * `inactiveChanges`, `reactivation`.
 */
export function accounts(speaks: Speaks): Habit {
  const deletionCloses = speaks.deactivation === 'delete' || speaks.deletion === 'deactivates';
  return {
    judge(asked, app) {
      const { kind, id, request } = asked;
      if (kind !== 'User' || id === undefined) return undefined;
      if (request.method === 'DELETE' && speaks.deletion === 'never' && speaks.deactivation !== 'delete') {
        throw new ScimError(405, 'Users are not deleted here: deactivate them.', undefined, {
          allow: 'GET, PUT, PATCH',
        });
      }
      const account = app.contents.get('User', id);
      if (account !== undefined && request.method !== 'GET') judgeChange(asked, account, speaks);
      return undefined;
    },
    end(kind, resource, app) {
      if (kind !== 'User' || !deletionCloses) return false;
      close(resource, app);
      return true;
    },
    appear(resource, kind) {
      if (kind !== 'User' || resource['active'] !== false) return resource;
      if (speaks.inactiveUsers === 'missing') return undefined;
      return speaks.inactiveUsers === 'obscured' ? obscured(resource) : resource;
    },
  };
}

/** @throws ScimError 400 for what this application does not do by such a request, 404 where it says so of closed accounts */
function judgeChange(asked: Asked, account: Resource, speaks: Speaks): void {
  const { method } = asked.request;
  const active = activeIn(asked);
  const isClosed = account['active'] === false;
  if (!isClosed) {
    if (active === false && speaks.deactivation === 'delete')
      throw badRequest('invalidValue', 'An account is closed by DELETE, not by active false.');
    return;
  }
  const reopens = method === 'PUT' ? active !== false : active === true;
  if (reopens && (speaks.reactivation === 'active' || (speaks.reactivation === 'put' && method === 'PUT'))) return;
  if (speaks.inactiveUsers === 'missing') throw missing('User', account.id);
  if (reopens) throw badRequest('invalidValue', `A closed account is opened ${openings[speaks.reactivation]}.`);
  if (!speaks.inactiveChanges && method !== 'DELETE' && !saysActiveAlone(asked))
    throw badRequest('mutability', 'A closed account cannot be changed.');
}

const openings: Readonly<Record<Speaks['reactivation'], string>> = {
  active: 'by active true',
  put: 'by PUT',
  create: 'by a new POST',
  never: 'by an administrator of this application only',
};

/** The account is kept, and closed. */
export function close(resource: Resource, app: Application): void {
  const groups = app.rules.deletionEndsMemberships ? [...app.contents.groupsOf(resource.id)] : [];
  amend(app, 'User', resource, { ...attributesOf(resource), active: false });
  for (const group of groups) amend(app, 'Group', group, withoutMember(group, resource.id));
}

/** Under a made-up name; what else would tell who it was is gone. */
export function obscured(resource: Resource): Resource {
  const name = createHash('sha256').update(textOf(resource['userName'])).digest('hex').slice(0, 20);
  const { displayName: _displayName, name: _name, emails: _emails, nickName: _nickName, ...rest } = resource;
  return { ...rest, id: resource.id, schemas: resource.schemas, meta: resource.meta, userName: name };
}
