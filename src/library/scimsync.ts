export { openScimsync } from './open.ts';
export { ScimsyncError, type ConfigIssue } from './scimsync-error.ts';
export type {
  Events,
  Finding,
  Listener,
  OpenOptions,
  Outcome,
  Plan,
  PlanOptions,
  Scimsync,
  Selection,
  Status,
  SyncOptions,
  SyncResult,
  TargetStatus,
} from './api.ts';
export type {
  ChangeOfLine,
  CountsOfLine,
  HeldOfLine,
  JsonValue,
  NoteLine,
  OperationLine,
  OutcomeLine,
  PlannedLine,
  PlanSummaryLine,
  SyncSummaryLine,
  WaitingNamesOfLine,
} from '../model/json/lines.ts';
