import { resourceTypes } from '../../model/resource-type.ts';
import { listResponse } from './list.ts';
import type { Complex } from '../resources/resource.ts';
import type { Application } from '../behaviours/behaviour.ts';
import type { ResourceTypeDefinition, Schema } from '../schema/definition.ts';

/** RFC 7643 section 5. */
export function serviceProviderConfig({
  options,
  url,
  discoveryPath,
}: Pick<Application, 'options' | 'url' | 'discoveryPath'>): Complex {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: options.patch },
    bulk: {
      supported: options.bulk !== null,
      maxOperations: options.bulk?.maxOperations ?? 0,
      maxPayloadSize: options.bulk?.maxPayloadSize ?? 0,
    },
    filter: { supported: true, maxResults: options.maxPageSize },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: options.etags },
    ...(options.listing === 'index'
      ? {}
      : {
          pagination: {
            cursor: options.listing === 'cursor',
            index: false,
            defaultPageSize: options.defaultPageSize,
            maxPageSize: options.maxPageSize,
          },
        }),
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'Authorization: Bearer, with the token of this sandbox.',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${url}${discoveryPath ?? '/ServiceProviderConfig'}` },
  };
}

/** RFC 7643 section 6. @returns undefined for an unknown name */
export function resourceTypesBody(
  name: string | undefined,
  { typeDefinitions: definitions, url }: Pick<Application, 'typeDefinitions' | 'url'>,
): Complex | undefined {
  const bodies = resourceTypes.map((resourceType) => resourceTypeBody(definitions[resourceType], url));
  return name === undefined ? listResponse(bodies, bodies.length, 1) : bodies.find((type) => type['id'] === name);
}

/** RFC 7643 section 7. @returns undefined for an unknown URN */
export function schemasBody(
  urn: string | undefined,
  { typeDefinitions, url }: Pick<Application, 'typeDefinitions' | 'url'>,
): Complex | undefined {
  const schemas = resourceTypes.flatMap((resourceType) => [
    typeDefinitions[resourceType].schema,
    ...typeDefinitions[resourceType].extensions,
  ]);
  const bodies = schemas.map((schema) => schemaBody(schema, url));
  return urn === undefined ? listResponse(bodies, bodies.length, 1) : bodies.find((schema) => schema['id'] === urn);
}

function resourceTypeBody(type: ResourceTypeDefinition, url: string): Complex {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: type.resourceType,
    name: type.resourceType,
    endpoint: type.endpoint,
    description: type.schema.description,
    schema: type.schema.id,
    schemaExtensions: type.extensions.map(({ id }) => ({ schema: id, required: false })),
    meta: { resourceType: 'ResourceType', location: `${url}/ResourceTypes/${type.resourceType}` },
  };
}

function schemaBody(schema: Schema, url: string): Complex {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    ...schema,
    meta: { resourceType: 'Schema', location: `${url}/Schemas/${schema.id}` },
  };
}
