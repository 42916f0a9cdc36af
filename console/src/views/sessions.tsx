import type { Api } from "../api";
import { usePolled } from "../polling";

const kPeriodMs = 2000;

export interface PriceLine {
  kind: string;
  quantity: string;
  amount: string;
}

export interface Session {
  session: number;
  state: string;
  station: string;
  connector: number;
  started_at: string;
  stopped_at: string;
  start_register_wh: string;
  register_wh: string;
  lines: PriceLine[];
  net: string;
  tax: string;
  total: string;
  held: string;
  version: number;
  flags: string[];
  correlation: string;
}

// Minor units of a currency with two decimals.
export function money(amount: string | number): string {
  return (Number(amount) / 100).toFixed(2);
}

export function energy(session: Session): string {
  return `${((Number(session.register_wh) - Number(session.start_register_wh)) / 1000).toFixed(2)} kWh`;
}

export function Sessions({ api, onSession }: { api: Api; onSession: (session: number) => void }) {
  const { value, error } = usePolled(
    (signal) => api.json<{ sessions: Session[] }>("/v1/sessions?limit=200", signal),
    kPeriodMs,
    [api],
  );
  const newest = value?.sessions.toReversed() ?? [];
  return (
    <section class="card" aria-labelledby="sessions">
      <h2 id="sessions">Sessions</h2>
      {error !== null && <p class="warn">{error.message}</p>}
      <table>
        <thead>
          <tr>
            <th scope="col">Session</th>
            <th scope="col">Station</th>
            <th scope="col">State</th>
            <th scope="col">Started</th>
            <th scope="col">Energy</th>
            <th scope="col">Total</th>
          </tr>
        </thead>
        <tbody>
          {newest.map((session) => (
            <tr key={session.session}>
              <td>
                <button class="link" onClick={() => onSession(session.session)}>
                  {session.session}
                </button>
              </td>
              <td>{session.station}</td>
              <td>{session.state}</td>
              <td>{session.started_at}</td>
              <td>{energy(session)}</td>
              <td>{money(session.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
