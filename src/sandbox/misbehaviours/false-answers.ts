import { randomUUID } from 'node:crypto';
import { errorResponse, type Response } from '../http/response.ts';
import { checkIfMatch, etagHeader } from '../http/precondition.ts';
import type { Application, Behaviour } from '../behaviours/behaviour.ts';
import { isPatch, membersIn, operationsOf, withOperations } from '../behaviours/patch-operations.ts';
import type { ScimRequest } from '../http/request.ts';
import { isComplex, textOf, type Complex } from '../resources/resource.ts';
import { attributesOf, findResource, update } from '../resources/resources.ts';
import { ScimError } from '../http/scim-error.ts';
import { emptyResponse, isSuccess, isUpdate, isWrite, withBody } from './messages.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** Responses that contradict the effect of the request. */
export const falseAnswers: readonly Misbehaviour[] = [
  {
    number: 88,
    title: 'PATCH inside Bulk returns 200 with a new version and changes nothing',
    create: () => ({
      options: {
        bulk: { maxOperations: 1000, maxPayloadSize: 1_048_576, methods: ['POST', 'PUT', 'PATCH', 'DELETE'] },
      },
      intercept: ignorePatchInBulk,
    }),
  },
  {
    number: 89,
    title: 'every write returns 202 without a body, and every third one has no effect',
    create: lostJobs,
  },
  {
    number: 90,
    title:
      'deactivation and deletion of owners (role owner or admin, or 0 or 5 before the @) return 204 without effect',
    create: ignoredRemovals,
  },
  {
    number: 92,
    title: 'every second update is executed and refused: in turn 400, and 403 after the first operation of a PATCH',
    refuses: ['PATCH', 'PUT'],
    create: refusedUpdates,
  },
  {
    number: 93,
    title: 'every second create of a user is executed and refused, in turn with 400 and 403',
    refuses: ['POST'],
    create: refusedCreates,
  },
  {
    number: 95,
    title: 'the response to a create of a user has another id and location than the stored user',
    create: () => ({ transformResponse: otherId }),
  },
];

const ignorePatchInBulk: NonNullable<Behaviour['intercept']> = (request, app) => {
  const { http, resourceType, id } = request;
  if (http.inBulk !== true || !isPatch(request) || resourceType === undefined || id === undefined) return undefined;
  const before = findResource(app, resourceType, id);
  checkIfMatch(http, before, app.options);
  const after = update(app, resourceType, before, attributesOf(before));
  return { status: 200, headers: etagHeader(after) };
};

function lostJobs(): Behaviour {
  let jobs = 0;
  return {
    intercept(request) {
      if (!isWrite(request)) return undefined;
      jobs += 1;
      return jobs % 3 === 0 ? emptyResponse(202) : undefined;
    },
    transformResponse: (response, request) => (isWrite(request) && isSuccess(response) ? emptyResponse(202) : response),
  };
}

/** An owner: a user with such a role, or with the digit 0 or 5 at the end of the local part of its userName. */
const isOwner = (account: Complex): boolean =>
  membersIn(account['roles']).some(({ value }) => value === 'owner' || value === 'admin') ||
  /^[^@]*[05](@|$)/.test(textOf(account['userName']));

function ignoredRemovals(): Behaviour {
  let isIgnored = false;
  return {
    intercept() {
      isIgnored = false;
      return undefined;
    },
    transformStored(attributes, { resourceType, before }) {
      if (
        resourceType !== 'User' ||
        before === undefined ||
        before['active'] === false ||
        attributes['active'] !== false ||
        !isOwner(before)
      )
        return attributes;
      isIgnored = true;
      return before;
    },
    handleDelete(resourceType, resource) {
      return resourceType === 'User' && isOwner(resource);
    },
    transformResponse: (response, { http }) =>
      isIgnored && http.method !== 'POST' && isSuccess(response) ? emptyResponse(204) : response,
  };
}

function refusedUpdates(): Behaviour {
  let updates = 0;
  let refusal: ScimError | undefined;
  return {
    transformRequest(request) {
      refusal = undefined;
      if (!isUpdate(request)) return request;
      updates += 1;
      if (updates % 2 === 0) return request;
      const isPartial = updates % 4 === 3;
      refusal = isPartial
        ? new ScimError(403, 'An attribute of the request may not be changed.')
        : new ScimError(400, 'The request is invalid.', 'invalidValue');
      return isPartial ? firstOperationOnly(request) : request;
    },
    transformResponse: (response, request) => (isUpdate(request) ? refused(response, refusal) : response),
  };
}

function refusedCreates(): Behaviour {
  let creates = 0;
  return {
    transformResponse(response, { resourceType, endpointType, http }) {
      if (resourceType !== 'User' || endpointType !== 'collection' || http.method !== 'POST' || !isSuccess(response))
        return response;
      creates += 1;
      if (creates % 2 === 0) return response;
      return refused(
        response,
        creates % 4 === 1
          ? new ScimError(400, 'The user is invalid.', 'invalidValue')
          : new ScimError(403, 'The user may not be invited.'),
      );
    },
  };
}

const refused = (response: Response, refusal: ScimError | undefined): Response =>
  refusal !== undefined && isSuccess(response) ? errorResponse(refusal) : response;

/** A PATCH of several operations without all but the first. */
export function firstOperationOnly(request: ScimRequest): ScimRequest {
  const operations = isPatch(request) ? operationsOf(request.body) : [];
  return operations.length > 1 ? withOperations(request, operations.slice(0, 1)) : request;
}

const otherId: NonNullable<Behaviour['transformResponse']> = (
  response,
  { resourceType, endpointType, http },
  app: Application,
) => {
  if (resourceType !== 'User' || endpointType !== 'collection' || http.method !== 'POST' || response.status !== 201)
    return response;
  return withId(response, randomUUID(), app);
};

/** The response with another id and location of its user. */
export function withId(response: Response, id: string, app: Application): Response {
  const location = `${app.url}${app.typeDefinitions.User.endpoint}/${encodeURIComponent(id)}`;
  const { headers } = response;
  return withBody(
    { ...response, headers: headers['location'] === undefined ? headers : { ...headers, location } },
    (body) => ({ ...body, id, ...(isComplex(body['meta']) ? { meta: { ...body['meta'], location } } : {}) }),
  );
}
