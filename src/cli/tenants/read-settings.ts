import { loadTenants, type TenantsConfig } from '../../config/tenants/load-tenants.ts';
import { secretFiles } from '../../config/secrets/secret-files.ts';
import { profileIo } from '../package-folder.ts';
import { InvalidConfig } from '../program/read-config.ts';
import { findSettings } from './tenant-files.ts';

/** The settings that the tenants of a folder share. @throws InvalidConfig */
export function readSettings(folder: string): TenantsConfig {
  const { readFile } = profileIo;
  const loaded = loadTenants(findSettings(folder), { readFile, secretFiles, env: process.env });
  if ('issues' in loaded) throw new InvalidConfig(loaded.issues);
  return loaded.config;
}
