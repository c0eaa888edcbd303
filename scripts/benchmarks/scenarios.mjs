// All scenarios of scripts/bench by their names. `sizes` are the sizes without options on the command line.
import { churn } from './scenarios/churn.mjs';
import { csv } from './scenarios/csv.mjs';
import { firstLoad } from './scenarios/first-load.mjs';
import { history } from './scenarios/history.mjs';
import { idle } from './scenarios/idle.mjs';
import { large } from './scenarios/large.mjs';
import { ldap } from './scenarios/ldap.mjs';
import { leaverLdap } from './scenarios/leaver-ldap.mjs';
import { leaverFirstLoad } from './scenarios/leaver-first-load.mjs';
import { leaverHanging } from './scenarios/leaver-hanging.mjs';
import { leaverOtherFirstLoad } from './scenarios/leaver-other-first-load.mjs';
import { memberships } from './scenarios/memberships.mjs';
import { pace } from './scenarios/pace.mjs';
import { manyTargets } from './scenarios/targets.mjs';
import { start } from './scenarios/start.mjs';

export const scenarios = {
  start,
  'first-load': firstLoad,
  csv,
  large,
  ldap,
  targets: manyTargets,
  pace,
  history,
  memberships,
  idle,
  churn,
  'leaver-first-load': leaverFirstLoad,
  'leaver-hanging': leaverHanging,
  'leaver-other-first-load': leaverOtherFirstLoad,
  'leaver-ldap': leaverLdap,
};
