import { updateMethodOf, type Profile, type UpdateMethod } from '../../model/profile.ts';
import { errorResponse } from '../http/response.ts';
import { contentType } from '../http/body.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import { isPatch, operationsOf } from '../behaviours/patch-operations.ts';
import type { ScimRequest } from '../http/request.ts';
import { badRequest, ScimError } from '../http/scim-error.ts';

/**
 * Requirements for every request: `headers`, `contentType`, `update`, `updateGroups`, `maxPayloadSize`,
 * `operationsPerPatch`.
 */
export function requestRequirements({ protocol, limits }: Profile): Behaviour {
  return {
    intercept(request) {
      requireHeaders(request, protocol.headers);
      const { http } = request;
      if (Buffer.byteLength(http.text) > limits.maxPayloadSize)
        throw new ScimError(413, `The body is larger than ${limits.maxPayloadSize} bytes.`);
      if (
        http.text !== '' &&
        protocol.contentType !== 'application/scim+json' &&
        contentType(http) !== protocol.contentType
      ) {
        throw new ScimError(415, `Content-Type must be ${protocol.contentType}.`);
      }
      if (request.endpointType === 'resource')
        requireMethod(
          http.method,
          updateMethodOf(protocol, request.resourceType ?? 'User'),
          request.resourceType === 'User' && protocol.reactivation === 'put',
        );
      if (
        isPatch(request) &&
        limits.operationsPerPatch !== null &&
        operationsOf(request.body).length > limits.operationsPerPatch
      ) {
        throw badRequest('invalidValue', `A PATCH may have at most ${limits.operationsPerPatch} operations.`);
      }
      return undefined;
    },
  };
}

/** Whether PATCH is supported for users or for groups. */
export function supportsPatch({ protocol: { update, updateGroups } }: Profile): boolean {
  return [update, updateGroups].some((form) => form === 'auto' || form === 'patch');
}

function requireHeaders({ http }: ScimRequest, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (http.headers[name.toLowerCase()] !== value)
      throw new ScimError(400, `The header ${name} must be ${JSON.stringify(value)}.`);
  }
}

function requireMethod(method: string, update: UpdateMethod, reactivatesByPut: boolean): void {
  if (method === 'PATCH' && (update === 'put' || update === 'getThenPut'))
    throw new ScimError(501, 'PATCH is not supported: replace the resource by PUT.');
  if (method === 'PUT' && update === 'patch' && !reactivatesByPut)
    throw new ScimError(405, 'PUT is not supported: use PATCH.', undefined, { allow: 'GET, PATCH, DELETE' });
}

/** How a create reports a uniqueness conflict: `conflictStatuses`, `conflictMessages`. */
export function conflictResponse({
  protocol: {
    conflictStatuses: [status = 409],
    conflictMessages: [message],
  },
}: Profile): Behaviour {
  return {
    transformResponse(response, { http }) {
      if (http.method !== 'POST' || response.status !== 409 || (status === 409 && message === undefined))
        return response;
      return errorResponse(
        new ScimError(
          status,
          message ?? 'A resource with this name exists.',
          status === 409 ? 'uniqueness' : undefined,
        ),
      );
    },
  };
}
