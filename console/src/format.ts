// Amounts, times and names as people read them. Amounts are minor units of a currency with two decimals.
export function money(amount: string | number): string {
  return (Number(amount) / 100).toFixed(2);
}

export function energy(wattHours: number): string {
  return `${(wattHours / 1000).toFixed(2)} kWh`;
}

export function words(name: string): string {
  return name.replaceAll("_", " ");
}

// "1970-…" means never.
export function clock(time: string, digits = 0): string {
  if (time === "" || time.startsWith("1970-01-01T00:00:00.0")) return "–";
  const at = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const text = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return digits === 0 ? text : `${text}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}
