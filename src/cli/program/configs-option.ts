import { Option } from 'commander';
import { OperatorError } from '../../model/errors.ts';

/** `--configs DIR`: the command serves all tenants. */
export const configsOption = (): Option =>
  new Option('--configs <folder>', 'all configurations of a folder: each file NAME.json is that of the tenant NAME');

/** `--configs` and `--config` are given together. */
export const configsAndConfig = (): OperatorError =>
  new OperatorError(
    'commandLine.configsAndConfig',
    'give either --configs with a folder, or --config with one configuration of it, not both',
    4,
  );
