import { suggestion } from '../../model/nearest-name.ts';
import { errorAt, type Diagnostic } from '../issues.ts';
import type { ConfigRule } from './config-rule.ts';

/** Channels have names of their own, and name targets of the configuration. */
export const channelsAreClear: ConfigRule = ({ notify = [], targets = [] }) => {
  const known = targets.flatMap((target) => (target?.name === undefined ? [] : [target.name]));
  const names = notify.map((channel) => channel?.name);
  return notify.flatMap((channel, index): readonly Diagnostic[] => {
    const first = names.indexOf(channel?.name);
    return [
      ...(channel?.name === undefined || first === index
        ? []
        : [errorAt('config.nameDuplicate', ['notify', index, 'name'], `is the name of notify[${first}] too`)]),
      ...(channel?.targets ?? []).flatMap((name, at) =>
        name === undefined || known.includes(name)
          ? []
          : [
              errorAt(
                'config.invalidValue',
                ['notify', index, 'targets', at],
                `is not a target of this file${suggestion(name, known)}`,
              ),
            ],
      ),
    ];
  });
};
