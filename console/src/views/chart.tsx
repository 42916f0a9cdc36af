import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

// A line over time: seconds since 1970, and a value each. `summary` is what a screen reader says in its place.
export function Chart({ times, values, label, summary }: {
  times: number[];
  values: number[];
  label: string;
  summary: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  useEffect(() => {
    const style = getComputedStyle(place.current!);
    const ink = style.getPropertyValue("--ink").trim();
    const line = style.getPropertyValue("--line").trim();
    const axis = { stroke: ink, grid: { stroke: line }, ticks: { stroke: line } };
    plot.current = new uPlot(
      {
        width: place.current!.clientWidth,
        height: 160,
        cursor: { show: false },
        legend: { show: false },
        axes: [axis, { ...axis, label, size: 60 }],
        scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
        series: [{}, { stroke: style.getPropertyValue("--accent").trim(), width: 2 }],
      },
      [[], []],
      place.current!,
    );
    return () => plot.current?.destroy();
  }, []);
  useEffect(() => plot.current?.setData([times, values]), [times, values]);
  return <div class="chart" ref={place} role="img" aria-label={summary} />;
}
