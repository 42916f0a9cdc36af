import { useState } from "preact/hooks";
import { Api, ApiError } from "../api";
import { Metrics, readMetrics } from "../metrics";
import { usePolled } from "../polling";
import { Chart } from "./chart";

const kPeriodMs = 1000;
const kKept = 120;

interface Look {
  ready: string;
  metrics: Metrics;
  at: number;
}

async function look(api: Api, signal: AbortSignal): Promise<Look> {
  const ready = await api.json<{ status: string; warning?: string }>("/readyz", signal).then(
    (answer) => answer.warning ?? answer.status,
    (error) => {
      if (error instanceof ApiError) return error.problem.detail;
      throw error;
    },
  );
  return { ready, metrics: readMetrics(await api.text("/metrics", signal)), at: Date.now() / 1000 };
}

interface Rates {
  times: number[];
  values: number[];
}

const kFigures: [string, string][] = [
  ["keel_commands_total", "Commands journalled"],
  ["keel_journal_groups_total", "Groups made durable"],
  ["keel_requests_waiting", "Requests waiting"],
  ["keel_http_connections", "HTTP connections"],
  ["keel_scrub_problems", "Places of damage found"],
];

export function Health({ api }: { api: Api }) {
  const [last, setLast] = useState<Look | null>(null);
  const [rates, setRates] = useState<Rates>({ times: [], values: [] });
  const { error } = usePolled(
    async (signal) => {
      const now = await look(api, signal);
      setLast((before) => {
        if (before !== null && now.at > before.at) {
          const made = (now.metrics.get("keel_commands_total") ?? 0) - (before.metrics.get("keel_commands_total") ?? 0);
          const rate = Math.max(0, made) / (now.at - before.at);
          setRates(({ times, values }) => ({
            times: [...times, now.at].slice(-kKept),
            values: [...values, rate].slice(-kKept),
          }));
        }
        return now;
      });
      return now;
    },
    kPeriodMs,
    [api],
  );
  const current = rates.values.at(-1) ?? 0;
  const state = error !== null ? `not reached: ${error.message}` : (last?.ready ?? "asking …");
  return (
    <section class="card" aria-labelledby="health">
      <h2 id="health">Health</h2>
      <p role="status" class={error === null && last?.ready === "ready" ? "good" : "warn"}>
        {state}
      </p>
      <dl class="figures">
        {kFigures.map(([name, title]) => (
          <div key={name}>
            <dt>{title}</dt>
            <dd>{last?.metrics.get(name)?.toLocaleString("en") ?? "–"}</dd>
          </div>
        ))}
      </dl>
      <Chart {...rates} label="commands/s" summary={`Commands a second: ${Math.round(current)} now`} />
    </section>
  );
}
