// Checks a receipt in this browser, from its bytes alone: docs/receipts.md, "A receipt holds".
import { bytesOf, Refused, require } from "./bytes";
import { type Bill, checkSums, decodeBill, kBillType, kBillVersion } from "./bill";
import { checkProof, type Proof } from "./proof";

export interface Receipt {
  statement: string;
  algorithm: string;
  public_key: string;
  signature: string;
  proof: Proof;
}

export type Outcome = "holds" | "fails" | "not checked";
export interface Check {
  what: string;
  outcome: Outcome;
  why: string;
}
export interface Verdict {
  outcome: "valid" | "forged" | "incomplete";
  checks: Check[];
}

class Unknown extends Error {}

async function signatureHolds(receipt: Receipt): Promise<boolean> {
  require(receipt.algorithm === "Ed25519", "algorithm is not Ed25519");
  const key = bytesOf(receipt.public_key, "public_key", 32);
  const signature = bytesOf(receipt.signature, "signature", 64);
  const signer = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", signer, signature, new TextEncoder().encode(receipt.statement));
}

// The same whatever the order of members.
function spelled(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    each !== null && typeof each === "object" && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}

function sameStatement(statement: Record<string, unknown>, right: Record<string, unknown>): void {
  const bill = (statement.bill ?? {}) as Record<string, unknown>;
  const recorded = right.bill as Bill;
  for (const name of new Set([...Object.keys(bill), ...Object.keys(recorded)]))
    require(spelled(bill[name]) === spelled(recorded[name]), `${name} is not what the record has`);
  for (const name of new Set([...Object.keys(statement), ...Object.keys(right)]))
    require(spelled(statement[name]) === spelled(right[name]), `${name} is not what record and proof have`);
}

// `nodeKey`: of this node, hexadecimal; null: not known.
export async function checkReceipt(receipt: Receipt, nodeKey: string | null): Promise<Verdict> {
  const checks: Check[] = [];
  const check = async (what: string, look: () => Promise<void> | void) => {
    try {
      await look();
      checks.push({ what, outcome: "holds", why: "" });
    } catch (error) {
      const noEd25519 = error instanceof DOMException && error.name === "NotSupportedError";
      const unknown = noEd25519 || error instanceof Unknown;
      const why = noEd25519 ? "this browser has no Ed25519" : (error as Error).message;
      checks.push({ what, outcome: unknown ? "not checked" : "fails", why });
    }
  };
  if (globalThis.crypto?.subtle === undefined) {
    const why = "this browser calculates digests only for pages over https, or from this machine (localhost)";
    return { outcome: "incomplete", checks: [{ what: "Nothing was checked", outcome: "not checked", why }] };
  }
  let payload: Uint8Array | null = null;
  let facts: Record<string, unknown> = {};
  await check("The signature (Ed25519) is the key's, over exactly this statement", async () =>
    require(await signatureHolds(receipt), "the signature is not this key's of this statement"));
  await check("The key is this node's", () => {
    if (nodeKey === null) throw new Unknown("the node's key could not be asked for");
    require(receipt.public_key === nodeKey, "it is signed by another key than this node's");
  });
  await check("The record hangs on the chain head: SHA-256 along the Merkle path", async () => {
    const proven = await checkProof(receipt.proof);
    require(proven.type === kBillType && proven.version === kBillVersion, "the record is no bill");
    ({ payload, facts } = proven);
  });
  await check("The statement says what the record and its proof say", () => {
    require(payload !== null, "there is no proven record to compare with");
    const statement = JSON.parse(receipt.statement) as Record<string, unknown>;
    sameStatement(statement, { receipt: 1, ...facts, durability: statement.durability, bill: decodeBill(payload) });
  });
  await check("Lines, tax, total and postings add up", () => {
    require(payload !== null, "there is no proven record to calculate with");
    checkSums(decodeBill(payload));
  });
  const failed = checks.some((each) => each.outcome === "fails");
  const open = checks.some((each) => each.outcome === "not checked");
  return { outcome: failed ? "forged" : open ? "incomplete" : "valid", checks };
}

// A receipt from a text; Refused says why it is none.
export function readReceipt(text: string): Receipt {
  let read: Partial<Receipt> | null;
  try {
    read = JSON.parse(text) as Partial<Receipt> | null;
  } catch {
    throw new Refused("this is no JSON");
  }
  const texts = [read?.statement, read?.algorithm, read?.public_key, read?.signature];
  const whole = texts.every((each) => typeof each === "string") && typeof read?.proof === "object" && read.proof !== null;
  require(whole, "this is no receipt: statement, algorithm, public_key, signature and proof belong to one");
  return read as Receipt;
}
