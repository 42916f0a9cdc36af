import type { Api } from "../api";
import { usePolled } from "../polling";
import { energy, money, type Session } from "./sessions";

const kPeriodMs = 2000;

// One session: its figures and its bill, as they stand.
export function SessionDetail({ api, number, onBack }: { api: Api; number: number; onBack: () => void }) {
  const { value, error } = usePolled(
    (signal) => api.json<Session>(`/v1/sessions/${number}`, signal),
    kPeriodMs,
    [api, number],
  );
  return (
    <section class="card" aria-labelledby="session">
      <button onClick={onBack}>All sessions</button>
      <h2 id="session">Session {number}</h2>
      {error !== null && <p class="warn">{error.message}</p>}
      {value !== null && (
        <>
          <dl class="figures">
            <Figure title="State" value={value.state} />
            <Figure title="Station" value={`${value.station}, connector ${value.connector}`} />
            <Figure title="Energy" value={energy(value)} />
            <Figure title="Held" value={money(value.held)} />
            <Figure title="Total" value={money(value.total)} />
          </dl>
          <table>
            <caption>Bill, version {value.version}</caption>
            <tbody>
              {value.lines.map((line, index) => (
                <tr key={index}>
                  <th scope="row">{line.kind.replaceAll("_", " ")}</th>
                  <td>{line.quantity}</td>
                  <td>{money(line.amount)}</td>
                </tr>
              ))}
              <tr>
                <th scope="row">tax</th>
                <td />
                <td>{money(value.tax)}</td>
              </tr>
            </tbody>
          </table>
          <p class="soft">
            {value.started_at} to {value.stopped_at}. {value.flags.join(", ")} Correlation {value.correlation}.
          </p>
        </>
      )}
    </section>
  );
}

function Figure({ title, value }: { title: string; value: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{value}</dd>
    </div>
  );
}
