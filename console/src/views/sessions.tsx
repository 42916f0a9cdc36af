import { clock, energy, money, words } from "../format";
import type { World } from "../live";

const kShown = 50;

export function Sessions({ world }: { world: World }) {
  const newest = [...world.sessions.values()].sort((one, other) => other.session - one.session).slice(0, kShown);
  return (
    <section class="card" aria-labelledby="sessions">
      <div class="title">
        <h2 id="sessions">Sessions</h2>
        <p class="soft">the newest {newest.length}</p>
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of sessions">
        <table>
          <thead>
            <tr>
              <th scope="col">Session</th>
              <th scope="col">Station</th>
              <th scope="col">State</th>
              <th scope="col">Started</th>
              <th scope="col" class="number">Energy</th>
              <th scope="col" class="number">Total</th>
            </tr>
          </thead>
          <tbody>
            {newest.map((each) => (
              <tr key={each.session}>
                <th scope="row">
                  <a href={`#/sessions/${each.session}`} aria-label={`Session ${each.session}`}>{each.session}</a>
                </th>
                <td>{each.station}</td>
                <td class={each.state === "open" ? "busy" : ""}>{words(each.state)}</td>
                <td>{clock(each.started_at)}</td>
                <td class="number">{energy(Number(each.register_wh) - Number(each.start_register_wh))}</td>
                <td class="number">{each.state === "closed" ? money(each.total) : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
