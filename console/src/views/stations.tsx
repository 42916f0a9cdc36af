import type { Api } from "../api";
import { usePolled } from "../polling";

const kPeriodMs = 2000;

interface Connector {
  connector: number;
  status: string;
  session: number;
  error: string;
}

interface Station {
  station: string;
  vendor: string;
  model: string;
  seen_at: string;
  connectors: Connector[];
}

// The states in which a driver can, does, or cannot charge.
const kTone: Record<string, string> = { available: "good", charging: "busy", faulted: "warn", unavailable: "warn" };

export function Stations({ api, onSession }: { api: Api; onSession: (session: number) => void }) {
  const { value, error } = usePolled(
    (signal) => api.json<{ stations: Station[]; next: string }>("/v1/stations?limit=200", signal),
    kPeriodMs,
    [api],
  );
  return (
    <section class="card" aria-labelledby="stations">
      <h2 id="stations">Stations</h2>
      {error !== null && <p class="warn">{error.message}</p>}
      {value !== null && value.stations.length === 0 && <p class="soft">No station is registered yet.</p>}
      <ul class="wall">
        {value?.stations.map((station) => (
          <li key={station.station}>
            <strong>{station.station}</strong>
            <span class="soft"> {[station.vendor, station.model].join(" ").trim()}</span>
            {station.connectors
              .filter((each) => each.connector > 0)
              .map((each) => (
                <div key={each.connector} class={kTone[each.status] ?? "soft"}>
                  {each.connector}: {each.status.replaceAll("_", " ")} {each.error}
                  {each.session > 0 && (
                    <button class="link" onClick={() => onSession(each.session)}>
                      session {each.session}
                    </button>
                  )}
                </div>
              ))}
          </li>
        ))}
      </ul>
      {value !== null && value.next !== "" && <p class="soft">The first 200 are shown.</p>}
    </section>
  );
}
