import type { TargetConfig } from '../../config/config.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Columns } from '../../source/source.ts';
import type { Context, ExitCode } from '../context.ts';
import { connect, wireSource, wireTargets } from '../wire.ts';

/** Validates, then connects to the source and to every target without changing anything, and says what each can do. */
export async function checkCommand(context: Context): Promise<ExitCode> {
  const { config, console } = context;
  for (const warning of config.warnings) console.out(console.colors.yellow(`warning: ${warning}`));
  console.out(`configuration: ${config.file} is valid; ${config.targets.length} ${config.targets.length === 1 ? 'target' : 'targets'}, state in ${config.state}`);
  const columns = await checkSource(context);
  const reached = await Promise.all(config.targets.map((target) => checkTarget(context, target)));
  const mapped = columns !== undefined && checkMappings(context, columns);
  return columns !== undefined && mapped && reached.every((one) => one) ? 0 : 1;
}

async function checkSource({ config, console, stop }: Context): Promise<Columns | undefined> {
  try {
    const { source } = wireSource(config);
    const opened = await source.open(stop);
    try {
      const { users } = opened.columns;
      console.out(`source: ${source.label} can be read${users.length === 0 ? '' : `; people have ${users.join(', ')}`}`);
      for (const ability of opened.abilities) console.out(`source: ${ability}`);
      return opened.columns;
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    console.out(console.colors.red(`source: ${error.message}`));
    return undefined;
  }
}

function checkMappings({ config, console }: Context, columns: Columns): boolean {
  let valid = true;
  for (const spec of wireTargets(config)) {
    try {
      for (const note of spec.rules(columns).notes) console.out(`${spec.name}: note: ${note}`);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      valid = false;
      console.out(console.colors.red(`${spec.name}: ${error.message}`));
    }
  }
  return valid;
}

async function checkTarget({ console, stop }: Context, config: TargetConfig): Promise<boolean> {
  const target = connect(config);
  try {
    const discovery = await target.discover(stop);
    const page = await target.list('User', ['userName'], stop).next();
    if (page.done === true && !page.value.complete) {
      console.out(console.colors.red(`${config.name}: ${config.url} cannot be used: ${page.value.detail ?? 'its users cannot be listed'}`));
      return false;
    }
    console.out(`${config.name}: ${config.url} answers, and lists ${page.done === true ? 'no users yet' : 'users'}`);
    if (discovery === undefined) {
      console.out(`${config.name}: it describes itself nowhere (no ServiceProviderConfig); the profile "${config.profile.name}" decides`);
      return true;
    }
    const can = (value: boolean | undefined): string => (value === undefined ? 'not said' : value ? 'yes' : 'no');
    console.out(`${config.name}: says of itself: PATCH ${can(discovery.patch)}, filter ${can(discovery.filter)}, ETag ${can(discovery.etag)}, bulk ${can(discovery.bulk?.supported)}`);
    if (discovery.patch === false && config.profile.speaks.update === 'patch') {
      console.out(console.colors.yellow(`${config.name}: the profile "${config.profile.name}" sends PATCH although the target says that it has none; the profile wins`));
    }
    return true;
  } finally {
    target.close();
  }
}
