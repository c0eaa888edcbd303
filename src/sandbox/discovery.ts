import { kinds } from '../model/kind.ts';
import { listResponse } from './list.ts';
import type { Complex } from './resource.ts';
import type { Application } from './application.ts';
import type { ResourceType, Schema } from './schema/definition.ts';

/** RFC 7643 section 5. */
export function serviceProviderConfig({
  rules,
  url,
  discovery,
}: Pick<Application, 'rules' | 'url' | 'discovery'>): Complex {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: rules.patch },
    bulk: { supported: rules.bulk !== null, ...(rules.bulk ?? { maxOperations: 0, maxPayloadSize: 0 }) },
    filter: { supported: true, maxResults: rules.maxPageSize },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: rules.etags },
    ...(rules.listing === 'index'
      ? {}
      : {
          pagination: {
            cursor: rules.listing === 'cursor',
            index: false,
            defaultPageSize: rules.defaultPageSize,
            maxPageSize: rules.maxPageSize,
          },
        }),
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'Authorization: Bearer, with the token of this rehearsal.',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${url}${discovery ?? '/ServiceProviderConfig'}` },
  };
}

/** RFC 7643 section 6. @returns undefined where there is no resource type with this name */
export function resourceTypeAnswer(
  name: string | undefined,
  { types: all, url }: Pick<Application, 'types' | 'url'>,
): Complex | undefined {
  const types = kinds.map((kind) => resourceTypeBody(all[kind], url));
  return name === undefined ? listResponse(types, types.length, 1) : types.find((type) => type['id'] === name);
}

/** RFC 7643 section 7. @returns undefined where there is no schema with this URN */
export function schemaAnswer(
  urn: string | undefined,
  { types, url }: Pick<Application, 'types' | 'url'>,
): Complex | undefined {
  const schemas = kinds.flatMap((kind) => [types[kind].schema, ...types[kind].extensions]);
  const bodies = schemas.map((schema) => schemaBody(schema, url));
  return urn === undefined ? listResponse(bodies, bodies.length, 1) : bodies.find((schema) => schema['id'] === urn);
}

function resourceTypeBody(type: ResourceType, url: string): Complex {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: type.kind,
    name: type.kind,
    endpoint: type.endpoint,
    description: type.schema.description,
    schema: type.schema.id,
    schemaExtensions: type.extensions.map(({ id }) => ({ schema: id, required: false })),
    meta: { resourceType: 'ResourceType', location: `${url}/ResourceTypes/${type.kind}` },
  };
}

function schemaBody(schema: Schema, url: string): Complex {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    ...schema,
    meta: { resourceType: 'Schema', location: `${url}/Schemas/${schema.id}` },
  };
}
