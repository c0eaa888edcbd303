import type { Operation } from '../../model/operation.ts';
import { describeOperation } from '../../plan/describe.ts';
import type { Colors } from '../console.ts';

/** An operation as a line for the terminal: a sign that can be found by eye, and its sentence. */
export function operationText(operation: Operation, colors: Colors): string {
  const sentence = describeOperation(operation);
  switch (operation.action) {
    case 'create':
      return colors.green(`  + ${sentence}`);
    case 'reactivate':
      return colors.green(`  ↑ ${sentence}`);
    case 'deactivate':
      return colors.red(`  ↓ ${sentence}`);
    case 'delete':
      return colors.red(`  - ${sentence}`);
    case 'verifyCreate':
      return `  ? ${sentence}`;
    case 'update':
      return colors.yellow(`  ~ ${sentence}`);
    case 'members':
      return operation.remove.length > 0 ? colors.red(`  ∓ ${sentence}`) : colors.green(`  ± ${sentence}`);
  }
}
