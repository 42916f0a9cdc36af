// Bytes as receipts spell them.

export class Refused extends Error {}

export function require(holds: boolean, why: string): asserts holds {
  if (!holds) throw new Refused(why);
}

// Lower-case hexadecimal digits alone: there is one spelling.
export function bytesOf(text: unknown, name: string, size?: number): Uint8Array<ArrayBuffer> {
  require(typeof text === "string" && /^([0-9a-f]{2})*$/.test(text), `${name} is not lower-case hexadecimal`);
  require(size === undefined || text.length === 2 * size, `${name} has not ${size} bytes`);
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

// Little-endian, unsigned.
export function numberAt(bytes: Uint8Array, at: number, size: number): bigint {
  let value = 0n;
  for (let i = size; i-- > 0; ) value = (value << 8n) | BigInt(bytes[at + i]!);
  return value;
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

export async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
}

// The Castagnoli checksum, bit by bit: the data is short.
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
