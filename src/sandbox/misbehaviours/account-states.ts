import { instant, type Instant } from '../../model/ids.ts';
import { minuteMs } from '../../model/time.ts';
import type { Application, Behaviour } from '../behaviours/behaviour.ts';
import { requestedActive } from '../behaviours/patch-operations.ts';
import type { ScimRequest } from '../http/request.ts';
import { isComplex, textOf, type Resource } from '../resources/resource.ts';
import { attributesOf, update } from '../resources/resources.ts';
import { ScimError } from '../http/scim-error.ts';
import { withId } from './false-answers.ts';
import { changeId } from './identity.ts';
import { isListRequest, isSuccess, isUpdate, isWrite } from './messages.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** Users that appear, become active, change their id or end in another way than the RFCs describe. */
export const accountStates: readonly Misbehaviour[] = [
  {
    number: 96,
    title: 'a reactivated user gets a new id, which the response shows',
    create: newIdAtReactivation,
  },
  {
    number: 102,
    title: 'a new user is invited: active false, whatever a request sets, until it accepts after an hour',
    create: invitations,
  },
  {
    number: 103,
    title: 'searches and listings show creates and updates after 4.5 seconds; GET by id shows them at once',
    create: delayedSearch,
  },
  {
    number: 104,
    title: 'DELETE of a user returns 405 and 500 in turn; an update with active false works',
    refuses: ['DELETE'],
    create: refusedDeletion,
  },
  {
    number: 106,
    title: 'a create of a user with a manager returns 500',
    create: () => ({ intercept: failWithManager }),
  },
];

function newIdAtReactivation(): Behaviour {
  let wasInactive = false;
  const accountOf = ({ resourceType, id }: ScimRequest, app: Application): Resource | undefined =>
    resourceType === 'User' && id !== undefined ? app.store.get('User', id) : undefined;
  return {
    intercept(request, app) {
      wasInactive = isUpdate(request) && accountOf(request, app)?.['active'] === false;
      return undefined;
    },
    transformResponse(response, request, app) {
      const account = accountOf(request, app);
      if (!wasInactive || account === undefined || account['active'] === false || !isSuccess(response)) return response;
      wasInactive = false;
      return withId(response, changeId(account, app), app);
    },
  };
}

/** Time until an invited user accepts, in milliseconds. */
const acceptanceMs = 60 * minuteMs;

function invitations(): Behaviour {
  const invited = new Map<string, Instant>();
  return {
    transformRequest(request, app) {
      for (const [id, at] of invited) {
        if (app.now() < at + acceptanceMs) break;
        invited.delete(id);
        const account = app.store.get('User', id);
        if (account !== undefined) update(app, 'User', account, { ...attributesOf(account), active: true });
      }
      return request;
    },
    transformStored(attributes, { resourceType, before, request }) {
      if (resourceType !== 'User' || request === undefined) return attributes;
      if (before === undefined) return { ...attributes, active: false };
      if (request.id === undefined || !invited.has(request.id)) return attributes;
      return { ...attributes, active: false };
    },
    transformResponse(response, request, app) {
      const { resourceType, endpointType, id, http } = request;
      if (resourceType !== 'User' || !isSuccess(response)) return response;
      if (endpointType === 'collection' && http.method === 'POST' && response.status === 201)
        invited.set(textOf(response.body?.['id']), app.now());
      // A deactivation withdraws the invitation.
      if (id !== undefined && isUpdate(request) && requestedActive(request) === false) invited.delete(id);
      return response;
    },
  };
}

const searchDelayMs = 4500;

function delayedSearch(): Behaviour {
  /** By id: what searches show until a time; undefined: nothing. In order of time. */
  const earlierStates = new Map<string, { readonly until: Instant; readonly resource: Resource | undefined }[]>();
  const remember = (id: string, resource: Resource | undefined, now: Instant): void => {
    const states = earlierStates.get(id)?.filter(({ until }) => now < until) ?? [];
    earlierStates.set(id, [...states, { until: instant(now + searchDelayMs), resource }]);
  };
  return {
    transformRequest(request, app) {
      const { resourceType, id } = request;
      const before = resourceType === undefined || id === undefined ? undefined : app.store.get(resourceType, id);
      if (before !== undefined && isWrite(request)) remember(before.id, before, app.now());
      return request;
    },
    visibleAs(resource, _resourceType, request, app) {
      if (!isListRequest(request) && request.endpointType !== 'search') return resource;
      const state = earlierStates.get(resource.id)?.find(({ until }) => app.now() < until);
      return state === undefined ? resource : state.resource;
    },
    transformResponse(response, { endpointType, http }, app) {
      if (endpointType === 'collection' && http.method === 'POST' && response.status === 201)
        remember(textOf(response.body?.['id']), undefined, app.now());
      return response;
    },
  };
}

function refusedDeletion(): Behaviour {
  let requests = 0;
  return {
    intercept({ resourceType, endpointType, http }) {
      if (resourceType !== 'User' || endpointType !== 'resource' || http.method !== 'DELETE') return undefined;
      requests += 1;
      if (requests % 2 === 0) throw new ScimError(500, 'Internal server error.');
      throw new ScimError(405, 'DELETE is not allowed.', undefined, { allow: 'GET, PUT, PATCH' });
    },
  };
}

const failWithManager: NonNullable<Behaviour['intercept']> = ({ resourceType, endpointType, http, body }, app) => {
  if (resourceType !== 'User' || endpointType !== 'collection' || http.method !== 'POST' || !isComplex(body))
    return undefined;
  const hasManager = app.typeDefinitions.User.extensions.some(({ id }) => {
    const extension = body[id];
    return isComplex(extension) && extension['manager'] !== undefined;
  });
  if (hasManager) throw new ScimError(500, 'Internal server error.');
  return undefined;
};
