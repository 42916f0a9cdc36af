import { useEffect, useState } from "preact/hooks";
import { Api, ApiError } from "../api";
import { clock, energy, money, words } from "../format";
import type { Session } from "../live";
import { type Receipt } from "../verify/receipt";
import { Timeline, type TimelineRecord } from "./timeline";
import { ReceiptCard } from "./verify";

interface Bill extends Session {
  stopped_at: string;
  lines: { kind: string; quantity: string; amount: string }[];
  tax: string;
  flags: string[];
}
interface Story {
  session: Bill;
  records: TimelineRecord[];
  complete: boolean;
  receipt: Receipt | null;
}

const kMostPages = 5;

async function read(api: Api, number: number, signal: AbortSignal): Promise<Story> {
  const session = await api.json<Bill>(`/v1/sessions/${number}`, signal);
  const records: TimelineRecord[] = [];
  let complete = true;
  let after = "0";
  for (let page = 0; page < kMostPages; ++page) {
    const piece = await api.json<{ records: TimelineRecord[]; next: string; complete: boolean }>(
      `/v1/timelines/${session.correlation}?after=${after}`, signal);
    records.push(...piece.records);
    after = piece.next;
    complete = piece.complete && after === "0";
    if (after === "0") break;
  }
  const receipt = session.version === 0 ? null
    : await api.json<Receipt>(`/v1/sessions/${number}/receipt`, signal).catch((error) => {
        if (error instanceof ApiError && error.problem.status === 404) return null;
        throw error;
      });
  return { session, records, complete, receipt };
}

// `touched`: the position of the last event of this session; it is read again when there is another one.
export function SessionPage({ api, number, touched }: { api: Api; number: number; touched: string }) {
  const [story, setStory] = useState<Story | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const ending = new AbortController();
    const soon = setTimeout(() => {
      read(api, number, ending.signal).then(
        (now) => {
          setStory(now);
          setProblem("");
        },
        (error: Error) => {
          if (!ending.signal.aborted) setProblem(error.message);
        });
    }, 100);
    return () => {
      clearTimeout(soon);
      ending.abort();
    };
  }, [api, number, touched]);
  return (
    <>
      <section class="card" aria-labelledby="session">
        <p class="small"><a href="#/">← All stations and sessions</a></p>
        <h2 id="session">Session {number}</h2>
        {problem !== "" && <p class="warn" role="alert">{problem}</p>}
        {story === null && problem === "" && <p class="soft" role="status">Reading …</p>}
        {story !== null && <BillOf bill={story.session} />}
      </section>
      {story !== null && <Timeline records={story.records} complete={story.complete} />}
      {story?.receipt && <ReceiptCard api={api} receipt={story.receipt} number={number} />}
    </>
  );
}

function BillOf({ bill }: { bill: Bill }) {
  return (
    <>
      <dl class="figures">
        <Figure title="State" value={words(bill.state)} />
        <Figure title="Station" value={`${bill.station} / ${bill.connector}`} />
        <Figure title="Time" value={`${clock(bill.started_at)} – ${bill.state === "open" ? "now" : clock(bill.stopped_at)}`} />
        <Figure title="Energy" value={energy(Number(bill.register_wh) - Number(bill.start_register_wh))} />
        <Figure title="Held" value={money(bill.held)} />
        <Figure title={bill.version === 0 ? "Total so far" : "Total"} value={money(bill.total)} />
      </dl>
      <table class="bill">
        <caption>{bill.version === 0 ? "As it would be billed now" : `Bill, version ${bill.version}`}</caption>
        <tbody>
          {bill.lines.map((line, index) => (
            <tr key={index}>
              <th scope="row">{words(line.kind)}</th>
              <td class="number">{line.kind === "energy" ? energy(Number(line.quantity)) : line.quantity}</td>
              <td class="number">{money(line.amount)}</td>
            </tr>
          ))}
          <tr><th scope="row">of it tax</th><td /><td class="number">{money(bill.tax)}</td></tr>
        </tbody>
      </table>
      {bill.flags.length > 0 && <p class="warn">{bill.flags.map(words).join(", ")}</p>}
      <p class="soft small">Correlation <code>{bill.correlation}</code></p>
    </>
  );
}

function Figure({ title, value }: { title: string; value: string }) {
  return <div><dt>{title}</dt><dd>{value}</dd></div>;
}
