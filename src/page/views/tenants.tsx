import type { TenantFacts } from '../facts/page-facts.ts';
import { Layout, Time, type PageFrame } from './layout.tsx';
import { tenantPath } from './paths.ts';
import { count, shown } from './shown.ts';

/** All tenants of the process, those that need a person first. */
export const Tenants = ({
  frame,
  tenants,
}: {
  readonly frame: PageFrame;
  readonly tenants: readonly TenantFacts[];
}) => {
  const urgent = tenants.filter(isUrgent);
  const ordered = [...urgent, ...tenants.filter((tenant) => !isUrgent(tenant))];
  return (
    <Layout title="Tenants" frame={frame}>
      <h1>{headline(tenants.length, urgent.length)}</h1>
      <table class="targets">
        <caption>Each tenant, and what needs a person</caption>
        <thead>
          <tr>
            <th scope="col">Tenant</th>
            <th scope="col" class="number wide">
              Targets
            </th>
            <th scope="col">Last pass</th>
            <th scope="col">Needs a person</th>
          </tr>
        </thead>
        <tbody>
          {ordered.map((tenant) => (
            <Row frame={frame} tenant={tenant} />
          ))}
        </tbody>
      </table>
    </Layout>
  );
};

const isUrgent = ({ problem, urgent }: TenantFacts): boolean => problem !== undefined || urgent.length > 0;

function headline(total: number, urgent: number): string {
  if (total === 0) return 'There is no tenant yet';
  if (urgent === 0) return `${total === 1 ? 'The tenant' : `All ${count(total)} tenants`} can do without a person`;
  return `${count(urgent)} of ${count(total)} tenants ${urgent === 1 ? 'needs' : 'need'} a person`;
}

const Row = ({
  frame,
  tenant: { name, problem, isRunning, targets, pass, urgent },
}: {
  readonly frame: PageFrame;
  readonly tenant: TenantFacts;
}) => (
  <tr>
    <th scope="row">{isRunning ? <a href={tenantPath(name)}>{shown(name)}</a> : shown(name)}</th>
    <td class="number wide">{isRunning ? count(targets) : ''}</td>
    <td>
      {pass === undefined ? (
        'none'
      ) : (
        <>
          <Time at={pass.at} frame={frame} />
          {`, ${shown(pass.sentence)}`}
        </>
      )}
    </td>
    <td>
      {[...(problem?.split('\n') ?? []), ...urgent].map((line) => (
        <div>{shown(line)}</div>
      ))}
    </td>
  </tr>
);
