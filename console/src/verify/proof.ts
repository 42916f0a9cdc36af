// Inclusion proofs: docs/receipts.md, "Proofs", and docs/journal-format.md.
import { bytesOf, crc32c, hexOf, numberAt, require, sameBytes, sha256 } from "./bytes";
import { moment } from "./bill";

export interface Proof {
  group_header: string;
  leaves: number;
  index: number;
  envelope: string;
  payload: string;
  path: string[];
  head: string;
}

export interface Proven {
  facts: Record<string, unknown>; // as the statement names them
  type: bigint;
  version: bigint;
  payload: Uint8Array;
}

// Where a leaf and its audit path lead to: RFC 6962, section 2.1.1, downwards from the root.
async function rootFrom(leaf: Uint8Array, index: number, leaves: number, path: Uint8Array[]): Promise<Uint8Array> {
  if (leaves === 1) {
    require(path.length === 0, "the path is too long");
    return leaf;
  }
  const last = path.at(-1);
  require(last !== undefined, "the path is too short");
  let left = 1;
  while (left * 2 < leaves) left *= 2;
  const node = Uint8Array.of(1);
  const rest = path.slice(0, -1);
  return index < left
    ? sha256(node, await rootFrom(leaf, index, left, rest), last)
    : sha256(node, last, await rootFrom(leaf, index - left, leaves - left, rest));
}

export async function checkProof(proof: Proof): Promise<Proven> {
  const header = bytesOf(proof.group_header, "group_header", 192);
  const envelope = bytesOf(proof.envelope, "envelope", 88);
  const payload = bytesOf(proof.payload, "payload");
  const { index, leaves } = proof;
  require(
    Number.isInteger(index) && Number.isInteger(leaves) && index >= 0 && index < leaves && leaves < 2 ** 32,
    "index is not below leaves",
  );
  require(Array.isArray(proof.path) && proof.path.length <= 32, "path is no list of at most 32");
  const path = proof.path.map((each) => bytesOf(each, "path", 32));
  require(new TextDecoder().decode(header.subarray(0, 8)) === "KEELGRP1", "group_header is none");
  require(header.subarray(160, 188).every((byte) => byte === 0), "group_header has content where zeros belong");
  require(BigInt(crc32c(header.subarray(0, 188))) === numberAt(header, 188, 4), "the group header's CRC is wrong");
  require((numberAt(header, 8, 4) & ~2n) === 0n, "the group header has an unknown flag");
  require(numberAt(header, 12, 4) === BigInt(leaves), "the group has not so many records");
  const position = numberAt(envelope, 0, 8);
  require(position === numberAt(header, 56, 8) + BigInt(index), "the position is not first_sequence + index");
  require(envelope.subarray(84).every((byte) => byte === 0), "the envelope has content where zeros belong");
  const root = await rootFrom(await sha256(Uint8Array.of(0), envelope, payload), index, leaves, path);
  require(sameBytes(root, header.subarray(128, 160)), "record and path do not lead to the group's Merkle root");
  require(
    sameBytes(await sha256(header), bytesOf(proof.head, "head", 32)),
    "head is not the SHA-256 of group_header",
  );
  return {
    facts: {
      journal_id: hexOf(header.subarray(16, 32)),
      cell: Number(numberAt(header, 32, 4)),
      position: String(position),
      recorded_at: moment(BigInt.asIntN(64, numberAt(envelope, 8, 8))),
      tenant: Number(numberAt(envelope, 16, 4)),
      head: proof.head,
    },
    type: numberAt(envelope, 20, 4),
    version: numberAt(envelope, 80, 2),
    payload,
  };
}
