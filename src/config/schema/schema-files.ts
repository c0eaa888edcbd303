import { directoryProfileSchema } from './directory-schema.ts';
import { withReferences } from '../parse/environment-reference.ts';
import { jsonSchema } from './json-schema.ts';
import { profileSchema } from './profile-schema.ts';
import { configSchema } from './config-schema.ts';
import { tenantsSchema } from '../tenants/tenants-schema.ts';

/** The generated files of the folder config/, for completion and checks in editors. */
export function schemaFiles(): readonly { readonly name: string; readonly text: string }[] {
  const file = (name: string, schema: Parameters<typeof jsonSchema>[0]) => ({
    name,
    text: textOf(jsonSchema(schema)),
  });
  return [
    { name: 'sync.schema.json', text: textOf(withReferences(jsonSchema(configSchema))) },
    file('profile.schema.json', profileSchema),
    file('directory.schema.json', directoryProfileSchema),
    file('tenants.schema.json', tenantsSchema),
  ];
}

const textOf = (schema: object): string => `${JSON.stringify(schema, null, 2)}\n`;
