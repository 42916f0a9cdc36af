"""The tables of a result of run.py: medians of the rounds, and the ratio to Keel taken in each round."""

import statistics

import machine


def median(values):
    present = [value for value in values if value is not None]
    return statistics.median(present) if present else None


def rows(result, group):
    """One row a case: the medians, and Keel's rate over the case's with what the rounds spread over."""
    rounds = [one["figures"][group] for one in result["rounds"] if group in one["figures"]]
    made = []
    for name in rounds[0] if rounds else []:
        if any(name not in one for one in rounds):
            continue  # it has failed in one of them
        own = [one[name] for one in rounds]
        first = [next(iter(one.values())) for one in rounds]
        ratios = sorted(keel["per_second"] / peer["per_second"] for keel, peer in zip(first, own))
        costs = sorted(keel["cpu_us"] / peer["cpu_us"] if peer["cpu_us"] else 0 for keel, peer in zip(first, own))
        made.append({
            "name": name,
            **{key: median(row[key] for row in own) for key in ("per_second", "cpu_us", "p50_us", "p99_us")},
            "keel_rate_ratio": statistics.median(ratios),
            "keel_rate_ratio_range": (ratios[0], ratios[-1]),
            "keel_cpu_ratio": statistics.median(costs),
            "keel_cpu_ratio_range": (costs[0], costs[-1]),
        })
    return made


def microseconds(value):
    if value is None:
        return "–"
    return f"{value:.0f} µs" if value < 1000 else f"{value / 1000:.3g} ms"


def markdown(result, group):
    """A table of the group for a document."""
    lines = ["| | per second | CPU-µs each | p50 | p99 | Keel's rate ÷ its | Keel's CPU ÷ its |", "|---|---|---|---|---|---|---|"]
    for row in rows(result, group):
        low, high = row["keel_rate_ratio_range"]
        least, most = row["keel_cpu_ratio_range"]
        ratios = "1 | 1"
        if len(lines) > 2:
            ratios = (f"**{row['keel_rate_ratio']:.2f}** ({low:.2f} to {high:.2f}) | "
                      f"{row['keel_cpu_ratio']:.2f} ({least:.2f} to {most:.2f})")
        lines.append(f"| {row['name']} | {row['per_second']:,.0f} | {row['cpu_us']:.3g} | {microseconds(row['p50_us'])} | "
                     f"{microseconds(row['p99_us'])} | {ratios} |")
    return "\n".join(lines)


def circumstances(result):
    """The machine, the versions and settings, and what the machine did meanwhile."""
    lines = [machine.describe(result["machine"])]
    lines += [f"{peer['name']}: {'; '.join(filter(None, (peer['version'], peer['settings'])))}" for peer in result["peers"]]
    lines += [f"{note['name']} ({note['group']}): {note['note']}" for note in result["notes"]]
    lines += [f"skipped: {text}" for text in result["skipped"]] + [f"FAILED: {text}" for text in result["failed"]]
    busy = [one["others_processors"] for one in result["rounds"]]
    lines.append(f"{len(busy)} rounds of {result['seconds']:g} s a case; others used {min(busy):.2f} to {max(busy):.2f} "
                 "processors meanwhile")
    return lines


def text(result):
    lines = []
    for group, title in result["groups"].items():
        found = rows(result, group)
        if not found:
            continue
        lines.append(f"\n{title}\n{'':38}{'per second':>12} {'CPU-us':>9} {'p50':>9} {'p99':>9}   Keel's rate / its, CPU / its")
        for row in found:
            low, high = row["keel_rate_ratio_range"]
            lines.append(f"  {row['name']:36}{row['per_second']:12,.0f} {row['cpu_us']:9.2f} {microseconds(row['p50_us']):>9} "
                         f"{microseconds(row['p99_us']):>9}   {row['keel_rate_ratio']:.2f} ({low:.2f} to {high:.2f}), "
                         f"{row['keel_cpu_ratio']:.2f}")
    return "\n".join([*lines, "", *circumstances(result)])
