// The record of a bill: Protocol Buffers' wire format, and its fields by number (docs/receipts.md, "The bill"; the inner
// messages as in tools/check_receipt.py).
import { hexOf, numberAt, require } from "./bytes";

// number: up to 32 bits; decimal: 64 bits; wide: 128 bits; signed: zigzag. A list of names is an enumeration, `flags` its
// bits, a table a message. `many` stands for a list.
type Kind = "number" | "decimal" | "wide" | "time" | "text" | "digest" | "yes" | "signed" | string[] | Flags | Table;
interface Flags {
  flags: string[];
}
type Field = [name: string, kind: Kind, many?: "many"];
interface Table {
  fields: Record<number, Field>;
}

const kRate: Table = {
  fields: {
    1: ["from_minute", "number"], 2: ["to_minute", "number"], 3: ["weekdays", "number"],
    4: ["energy_per_kwh", "decimal"], 5: ["time_per_minute", "decimal"],
  },
};
const kTerms: Table = {
  fields: {
    1: ["name", "text"], 2: ["currency", "text"], 3: ["session_fee", "decimal"], 4: ["energy_per_kwh", "decimal"],
    5: ["time_per_minute", "decimal"], 6: ["idle_per_minute", "decimal"], 7: ["idle_grace_s", "number"],
    8: ["utc_offset_minutes", "signed"], 9: ["windows", kRate, "many"], 10: ["tax_basis_points", "number"],
    11: ["prices_include_tax", "yes"], 12: ["rounding", ["half_up", "half_even", "down", "up"]],
  },
};
const kLine: Table = {
  fields: {
    1: ["kind", ["session_fee", "energy", "time", "idle"]], 2: ["rate", "number"], 3: ["quantity", "decimal"],
    4: ["unit_price", "decimal"], 5: ["amount", "decimal"],
  },
};
const kUsage: Table = {
  fields: {
    1: ["energy_wh", "decimal", "many"], 2: ["time_s", "decimal", "many"], 3: ["idle_s", "decimal"],
    4: ["counted_until", "time"], 5: ["idle", "yes"], 6: ["register_wh", "decimal"], 7: ["register_time", "time"],
    8: ["readings", "number"], 9: ["readings_digest", "digest"],
  },
};
const kReasons = [
  "local", "remote", "deauthorized", "emergency_stop", "vehicle_disconnected", "hard_reset", "soft_reset", "reboot",
  "power_loss", "unlock_command", "other", "station_vanished", "operator_closed",
];
const kFlags: Flags = {
  flags: [
    "offline_start", "not_authorized", "payer_unknown", "no_hold", "start_clock_wrong", "stop_clock_wrong",
    "reading_out_of_order", "reading_went_back", "reading_clock_wrong", "stop_below_reading", "stop_below_start",
    "stop_matched", "closed_by_policy", "corrected", "beyond_hold", "on_receivables", "conflicting_stop",
    "station_restarted", "duration_capped", "readings_without_register",
  ],
};
export const kBillType = (4n << 16n) | 24n;
export const kBillVersion = 1n;
const kBill: Table = {
  fields: {
    1: ["session", "number"], 2: ["version", "number"], 3: ["station", "text"], 4: ["connector", "number"],
    5: ["token", "digest"], 6: ["driver", "wide"], 7: ["start_register_wh", "decimal"],
    8: ["stop_register_wh", "decimal"], 9: ["started_at", "time"], 10: ["stopped_at", "time"],
    11: ["station_start_time", "time"], 12: ["station_stop_time", "time"], 13: ["recorded_start", "time"],
    14: ["recorded_stop", "time"], 15: ["reason", kReasons], 16: ["usage", kUsage], 17: ["tariff", "number"],
    18: ["tariff_version", "number"], 19: ["terms", kTerms], 20: ["lines", kLine, "many"], 21: ["net", "decimal"],
    22: ["tax", "decimal"], 23: ["total", "decimal"], 24: ["currency", "text"], 25: ["exponent", "number"],
    26: ["ledger", "number"], 27: ["held", "decimal"], 28: ["captured", "decimal"], 29: ["charged", "decimal"],
    30: ["receivable", "decimal"], 31: ["transfers", "wide", "many"], 32: ["reversals", "wide", "many"],
    33: ["hold_transfer", "wide"], 34: ["flags", kFlags], 35: ["correlation", "wide"], 36: ["closed_at", "time"],
  },
};

// RFC 3339, UTC, nine digits of fraction.
export function moment(nanoseconds: bigint): string {
  const second = 1_000_000_000n;
  const rest = ((nanoseconds % second) + second) % second;
  const whole = new Date(Number((nanoseconds - rest) / 1_000_000n)).toISOString().slice(0, 19);
  return `${whole}.${String(rest).padStart(9, "0")}Z`;
}

class Reader {
  at = 0;
  constructor(readonly bytes: Uint8Array) {}
  get done(): boolean {
    return this.at >= this.bytes.length;
  }
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes[this.at++];
      require(byte !== undefined && shift < 70n, "the record's content is cut off");
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
  take(size: number): Uint8Array {
    require(this.at + size <= this.bytes.length, "the record's content is cut off");
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }
}

// A value as the statement's JSON shows it; null: absent, which means zero.
function shown(kind: Kind, value: bigint | Uint8Array | null): unknown {
  if (typeof kind === "object") {
    if (Array.isArray(kind)) return kind[Number(value ?? 0)];
    if ("flags" in kind) return kind.flags.filter((_, bit) => (((value as bigint | null) ?? 0n) >> BigInt(bit)) & 1n);
    return decode(kind, (value as Uint8Array | null) ?? new Uint8Array());
  }
  const number = typeof value === "bigint" ? value : 0n;
  const bytes = value instanceof Uint8Array ? value : new Uint8Array();
  switch (kind) {
    case "number": return Number(number);
    case "decimal": return String(number);
    case "signed": return Number((number >> 1n) ^ -(number & 1n));
    case "yes": return number !== 0n;
    case "time": return moment(BigInt.asIntN(64, number));
    case "wide": return String(numberAt(bytes, 0, bytes.length));
    case "text": return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    case "digest": return bytes.length === 0 ? "00".repeat(32) : hexOf(bytes);
  }
}

function decode(table: Table, data: Uint8Array): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  for (const [name, kind, many] of Object.values(table.fields)) message[name] = many ? [] : shown(kind, null);
  const reader = new Reader(data);
  while (!reader.done) {
    const tag = reader.varint();
    const field = table.fields[Number(tag >> 3n)];
    require(field !== undefined, `the record has a field ${tag >> 3n}, which is not known`);
    const [name, kind, many] = field;
    const wire = Number(tag & 7n);
    require(wire <= 2, "the record's content is of an unknown form");
    const value =
      wire === 0 ? reader.varint()
      : wire === 1 ? numberAt(reader.take(8), 0, 8)
      : reader.take(Number(reader.varint()));
    if (!many) {
      message[name] = shown(kind, value);
    } else if (kind === "decimal" && value instanceof Uint8Array) {
      for (const inner = new Reader(value); !inner.done; ) (message[name] as unknown[]).push(shown(kind, inner.varint()));
    } else {
      (message[name] as unknown[]).push(shown(kind, value));
    }
  }
  return message;
}

export interface Line {
  kind: string;
  quantity: string;
  unit_price: string;
  amount: string;
}
export interface Bill extends Record<string, unknown> {
  lines: Line[];
  terms: { rounding: string; tax_basis_points: number; prices_include_tax: boolean };
}

export function decodeBill(payload: Uint8Array): Bill {
  return decode(kBill, payload) as Bill;
}

function rounded(numerator: bigint, denominator: bigint, how: string): bigint {
  const whole = numerator / denominator;
  const twice = 2n * (numerator % denominator);
  const up: Record<string, boolean> = {
    half_up: twice >= denominator,
    up: twice > 0n,
    down: false,
    half_even: twice > denominator || (twice === denominator && whole % 2n === 1n),
  };
  return whole + (up[how] ? 1n : 0n);
}

// That the lines follow from quantities and prices, the total from the lines, and the postings from the total.
export function checkSums(bill: Bill): void {
  const amount = (name: string) => BigInt(bill[name] as string);
  const units: Record<string, bigint> = { session_fee: 1n, energy: 1000n, time: 60n, idle: 60n };
  for (const line of bill.lines) {
    const right = rounded(
      BigInt(line.quantity) * BigInt(line.unit_price), 10_000n * units[line.kind]!, bill.terms.rounding);
    require(BigInt(line.amount) === right, `a line of ${line.kind} is not quantity times price`);
  }
  const lines = bill.lines.reduce((sum, line) => sum + BigInt(line.amount), 0n);
  const points = BigInt(bill.terms.tax_basis_points);
  const included = bill.terms.prices_include_tax;
  require(lines === amount(included ? "total" : "net"), "the lines do not add up");
  const tax = rounded(lines * points, 10_000n + (included ? points : 0n), bill.terms.rounding);
  require(amount("tax") === tax, "the tax is not that of the lines");
  require(amount("total") === amount("net") + amount("tax"), "total is not net + tax");
  require(
    amount("total") === amount("captured") + amount("charged") + amount("receivable"),
    "total is not captured + charged + receivable",
  );
}
