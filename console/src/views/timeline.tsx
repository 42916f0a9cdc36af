import { clock, energy, money, words } from "../format";

export interface TimelineRecord {
  position: string;
  time: string;
  type: string;
  message: string;
  correlation: string;
  content: string;
}

type Row = Record<string, unknown>;
interface Told {
  title: string;
  detail: string;
}

const kTransfers: Record<number, string> = {
  4001: "hold", 4002: "capture", 4003: "charge", 4004: "to receivables", 4005: "revenue", 4006: "tax", 4007: "reversal",
};

function transfers(rows: Row[]): Told {
  const said = rows.map((row) => {
    const settles = row.pending_id !== undefined && row.pending_id !== "0" && row.pending_id !== 0;
    const name = settles ? "capture" : (kTransfers[Number(row.code)] ?? `code ${row.code}`);
    return `${name} ${money(row.amount as string)}`;
  });
  return { title: rows.length === 1 ? "Transfer posted" : `${rows.length} transfers posted`, detail: said.join(", ") };
}

// A record in words. Of a type that is not known here, its name.
function told(record: TimelineRecord): Told {
  const content = JSON.parse(record.content) as Row | Row[] | string;
  if (Array.isArray(content)) return transfers(content);
  const name = record.type.slice(record.type.indexOf(".") + 1);
  const plain = { title: words(name), detail: "" };
  if (typeof content === "string") return plain;
  switch (name) {
    case "token_checked":
      return { title: "Driver's token checked", detail: words(content.status as string) };
    case "session_started":
      return {
        title: "Session started",
        detail: `register ${energy(Number(content.register_wh))}, held ${money(content.hold as string)}`,
      };
    case "readings_recorded": {
      const readings = content.readings as { register_wh: string }[];
      const last = readings.at(-1)?.register_wh ?? "0";
      return {
        title: readings.length === 1 ? "Meter value" : `${readings.length} meter values`,
        detail: `register ${energy(Number(last))}`,
      };
    }
    case "session_stopped":
      return {
        title: "Session stopped",
        detail: `${words(content.reason as string)}, register ${energy(Number(content.register_wh))}`,
      };
    case "session_closed":
      return { title: "Session billed", detail: `total ${money(content.total as string)}, version ${content.version}` };
    case "call_requested":
      return { title: `Call to the station: ${content.action}`, detail: "" };
    case "call_ended":
      return { title: "Call ended", detail: words(content.result as string) };
    default:
      return plain;
  }
}

// Milliseconds since the first one.
function since(first: string, time: string): string {
  const ms = new Date(time).getTime() - new Date(first).getTime();
  return ms < 10_000 ? `+${ms} ms` : `+${(ms / 1000).toFixed(1)} s`;
}

export function Timeline({ records, complete }: { records: TimelineRecord[]; complete: boolean }) {
  const first = records[0]?.time ?? "";
  return (
    <section class="card" aria-labelledby="timeline">
      <div class="title">
        <h2 id="timeline">Timeline</h2>
        <p class="soft">{records.length} records of the journal, across all modules</p>
      </div>
      {!complete && <p class="warn">There are more records than are shown here.</p>}
      <ol class="timeline" aria-live="polite" aria-relevant="additions">
        {records.map((record) => {
          const { title, detail } = told(record);
          const module = record.type.slice(0, record.type.indexOf("."));
          return (
            <li key={record.position} class={module}>
              <time dateTime={record.time}>{clock(record.time, 3)}</time>
              <span class="module">{module}</span>
              <span class="what">
                <strong>{title}</strong> {detail}
                <span class="soft small source">
                  {since(first, record.time)} · position {record.position}
                  {record.message !== "" && <> · OCPP message <code>{record.message}</code></>}
                </span>
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
