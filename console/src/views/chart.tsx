import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

// What a variable of the style sheet comes to: a canvas knows neither variables nor light-dark().
function colorOf(place: HTMLElement, variable: string): string {
  const probe = place.appendChild(document.createElement("span"));
  probe.style.color = `var(${variable})`;
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

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
    const ink = colorOf(place.current!, "--ink");
    const line = colorOf(place.current!, "--line");
    const axis = { stroke: ink, grid: { stroke: line }, ticks: { stroke: line } };
    plot.current = new uPlot(
      {
        width: place.current!.clientWidth,
        height: 160,
        cursor: { show: false },
        legend: { show: false },
        axes: [axis, { ...axis, label, size: 60 }],
        scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
        series: [{}, { stroke: colorOf(place.current!, "--accent"), width: 2 }],
      },
      [[], []],
      place.current!,
    );
    return () => plot.current?.destroy();
  }, []);
  useEffect(() => plot.current?.setData([times, values]), [times, values]);
  return <div class="chart" ref={place} role="img" aria-label={summary} />;
}
