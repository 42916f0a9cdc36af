// The text format of Prometheus, as far as this page reads it: the sum over all labels of each name.
export type Metrics = Map<string, number>;

export function readMetrics(text: string): Metrics {
  const metrics: Metrics = new Map();
  for (const line of text.split("\n")) {
    const parts = /^([a-zA-Z_:][\w:]*)(?:\{[^}]*\})? (\S+)/.exec(line);
    if (parts !== null) metrics.set(parts[1]!, (metrics.get(parts[1]!) ?? 0) + Number(parts[2]));
  }
  return metrics;
}
