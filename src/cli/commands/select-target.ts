import type { Config, TargetConfig } from '../../config/config.ts';
import { InvariantError } from '../../model/errors.ts';
import { selectTargets } from '../program/selection-flags.ts';

/** The target with this name. @throws OperatorError for an unknown target */
export function selectTarget(config: Config, name: string): TargetConfig {
  selectTargets(config, [name]);
  const target = config.targets.find((each) => each.name === name);
  if (target === undefined) throw new InvariantError(`target ${name} was selected and is not in the configuration`);
  return target;
}
