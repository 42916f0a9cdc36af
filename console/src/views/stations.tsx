import { clock, words } from "../format";
import type { Station, World } from "../live";

// The states in which a driver can, does, or cannot charge; said in words beside.
const kTone: Record<string, string> = {
  available: "good", preparing: "busy", charging: "busy", suspended_by_station: "busy", suspended_by_vehicle: "busy",
  finishing: "busy", faulted: "warn", unavailable: "warn",
};

function counted(stations: Station[]): string {
  const connectors = stations.flatMap((station) => station.connectors.filter((each) => each.connector > 0));
  const charging = connectors.filter((each) => each.session > 0).length;
  const broken = connectors.filter((each) => kTone[each.status] === "warn").length;
  return `${stations.length} stations, ${charging} of ${connectors.length} connectors in use` +
    (broken > 0 ? `, ${broken} out of order` : "");
}

export function Stations({ world }: { world: World }) {
  const stations = [...world.stations.values()];
  return (
    <section class="card" aria-labelledby="stations">
      <div class="title">
        <h2 id="stations">Stations</h2>
        <p class="soft" id="stations-count">{counted(stations)}</p>
      </div>
      {world.problem !== "" && <p class="warn">{world.problem}</p>}
      {stations.length === 0 && world.link === "live" && <p class="soft">No station is registered yet.</p>}
      <ul class="wall">
        {stations.map((station) => (
          <li key={station.station}>
            <h3>{station.station}</h3>
            <p class="soft small">
              {[station.vendor, station.model].join(" ").trim() || "not booted yet"} · seen {clock(station.seen_at)}
            </p>
            <ul class="connectors">
              {station.connectors.filter((each) => each.connector > 0).map((each) => (
                <li key={each.connector} class={kTone[each.status] ?? "soft"}>
                  <span class="dot" aria-hidden="true" />
                  <span>connector {each.connector}: {words(each.status)} {each.error}</span>
                  {each.session > 0 && <a href={`#/sessions/${each.session}`}>session {each.session}</a>}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {world.more && <p class="soft">There are more stations; these are the first {stations.length}.</p>}
    </section>
  );
}
