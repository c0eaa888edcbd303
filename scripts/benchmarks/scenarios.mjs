// All scenarios of scripts/bench by their names. `sizes` are the sizes without options on the command line.
import { csv } from './scenarios/csv.mjs';
import { firstLoad } from './scenarios/first-load.mjs';
import { ldap } from './scenarios/ldap.mjs';
import { leaverLdap } from './scenarios/leaver-ldap.mjs';
import { pace } from './scenarios/pace.mjs';
import { start } from './scenarios/start.mjs';

export const scenarios = {
  start,
  'first-load': firstLoad,
  csv,
  ldap,
  pace,
  'leaver-ldap': leaverLdap,
};
