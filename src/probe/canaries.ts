import type { RemoteId } from '../model/ids.ts';
import { uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import { getIgnoringCase } from '../model/scim-json.ts';
import { parseId, resourcePath } from '../scim/encode/urls.ts';
import { parseListResponse } from '../scim/read/list-response.ts';
import { filterOf } from '../scim/read/lookup.ts';
import { decide } from '../scim/judge/judge-response.ts';
import type { Response } from '../scim/transport/message.ts';
import { foreignAccount, NoResponseError } from './errors.ts';
import type { Canary, Ledger } from './ledger.ts';
import { containsName, nameIn, type CanaryNames } from './names.ts';
import type { SendRequest } from './requests.ts';
import type { ConsistencyDelay, Poll } from './waiting.ts';

/** The result of one create request. */
export interface Creation {
  readonly response: Response;
  /** Absent if the create was refused, or if the resource cannot be located. */
  readonly canary?: Canary;
}

/** Options of one create request. */
export interface CreateOptions {
  /** Replaces the generated name. */
  readonly name?: string;
  /** See SendRequest. */
  readonly handledStatuses?: readonly number[];
}

/** Creates canaries, and records every create in the ledger before the request leaves. */
export interface CanaryFactory {
  /**
   * @param body builds the resource from its name
   * @throws TargetUnusableError if the target answers with the id of a resource that the probe did not create;
   * otherwise as SendRequest
   */
  create(resourceType: ResourceType, body: (name: string) => object, options?: CreateOptions): Promise<Creation>;
  /**
   * Records a resource that another request created, such as Bulk.
   * @returns undefined if the resource has another name
   */
  recordCreated(resourceType: ResourceType, name: string, id: unknown): Promise<Canary | undefined>;
}

/** Dependencies of `createCanaryFactory`. */
export interface CanaryDeps {
  readonly send: SendRequest;
  readonly poll: Poll;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly names: CanaryNames;
  readonly ledger: Ledger;
  readonly delay: ConsistencyDelay;
}

/** Waits between searches for a resource whose id the response did not show, in milliseconds. */
const searchWaitsMs = [200, 600, 1500, 3000];

/** Creates canaries, and records each of them in the ledger before its request is sent. */
export function createCanaryFactory({ send, poll, pause, names, ledger, delay }: CanaryDeps): CanaryFactory {
  const get = (resourceType: ResourceType, id: RemoteId): Promise<Response> =>
    send({ method: 'GET', path: resourcePath(resourceType, id) });

  /** Whether the id belongs to the new canary: some targets answer a create with an existing resource. */
  async function isCreatedByUs(
    resourceType: ResourceType,
    id: RemoteId,
    name: string,
    responseBody: unknown,
  ): Promise<boolean> {
    if (containsName(responseBody, name)) return true;
    const { body } = await get(resourceType, id);
    return (
      containsName(body, name) ||
      (nameIn(resourceType, responseBody) === undefined && nameIn(resourceType, body) === undefined)
    );
  }

  /**
   * Finds the id of a resource that the response did not contain: by Location (RFC 7644 section 3.3), then by a filter
   * on its name.
   */
  async function locateCreated(
    resourceType: ResourceType,
    name: string,
    response: Response,
  ): Promise<RemoteId | undefined> {
    const locationId = idFromLocation(response.headers['location']);
    if (locationId !== undefined && containsName((await get(resourceType, locationId)).body, name)) return locationId;
    const filter = filterOf(uniqueNameAttribute(resourceType), name);
    const search = async (): Promise<RemoteId | undefined> => {
      const list = parseListResponse(
        await send({ method: 'GET', path: resourcePath(resourceType), query: { filter } }),
      );
      return parseId(
        getIgnoringCase(
          list?.rows.find((row) => containsName(row, name)),
          'id',
        ),
      );
    };
    return (await poll(searchWaitsMs, search, (id) => id !== undefined)).result;
  }

  return {
    async create(resourceType, body, { name = names.next(resourceType), handledStatuses = [] } = {}) {
      const entry = ledger.recordIntent(resourceType, name);
      let response: Response;
      try {
        response = await send({ method: 'POST', path: resourcePath(resourceType), body: body(name) }, handledStatuses);
      } catch (error) {
        // Any other error means that the request was not sent: there is nothing to remove.
        if (!(error instanceof NoResponseError)) entry.state = 'deleted';
        throw error;
      }
      if (decide(response) !== 'accept') {
        // After 202 or a 5xx the resource may exist, and some targets store what they refuse: the clean-up searches for
        // both.
        if (isRefusal(response)) entry.state = 'refused';
        return { response };
      }
      await pause(delay.readMs);
      const id = parseId(getIgnoringCase(response.body, 'id'));
      if (id === undefined) {
        const locatedId = await locateCreated(resourceType, name, response);
        return { response, ...(locatedId === undefined ? {} : { canary: ledger.markCreated(entry, locatedId) }) };
      }
      const existing = ledger.canaryWithId(resourceType, id);
      if (existing !== undefined) {
        entry.state = 'deleted';
        return { response, canary: existing };
      }
      // Set before the next request: if that fails, the clean-up still knows the id.
      entry.id = id;
      if (!(await isCreatedByUs(resourceType, id, name, response.body))) {
        // The id is not ours. The requested canary may exist too; the clean-up searches for its name.
        delete entry.id;
        throw foreignAccount(name, id);
      }
      return { response, canary: ledger.markCreated(entry, id) };
    },

    async recordCreated(resourceType, name, id) {
      const remoteId = parseId(id);
      if (remoteId === undefined) return undefined;
      await pause(delay.readMs);
      const entry =
        ledger.entries.find((each) => each.resourceType === resourceType && each.name === name) ??
        ledger.recordIntent(resourceType, name);
      return containsName((await get(resourceType, remoteId)).body, name)
        ? ledger.markCreated(entry, remoteId)
        : undefined;
    },
  };
}

/** Whether the target refused a create. After 202, a web page or a 5xx, the resource may exist. */
export const isRefusal = (response: Response): boolean => response.status >= 400 && response.status < 500;

/** The id in the last segment of a URL. */
export function idFromLocation(location: string | undefined): RemoteId | undefined {
  const lastSegment = location
    ?.replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .split('/')
    .at(-1);
  try {
    return lastSegment === undefined ? undefined : parseId(decodeURIComponent(lastSegment));
  } catch {
    return undefined;
  }
}
