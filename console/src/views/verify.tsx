import { useState } from "preact/hooks";
import type { Api } from "../api";
import { checkReceipt, readReceipt, type Receipt, type Verdict } from "../verify/receipt";

const kMostBytes = 4 << 20;
const kTold = {
  valid: "Valid: everything that a receipt can show holds.",
  forged: "Forged or damaged: this receipt does not hold.",
  incomplete: "Not all of it could be checked here.",
};
const kMark = { holds: "✓ holds", fails: "✗ fails", "not checked": "– not checked" };

async function nodeKey(api: Api): Promise<string | null> {
  return api.json<{ public_key: string }>("/v1/head").then((head) => head.public_key, () => null);
}

function VerdictOf({ verdict }: { verdict: Verdict | null }) {
  return (
    <div role="status" aria-live="assertive" class="verdict" data-verdict={verdict?.outcome ?? ""}>
      {verdict !== null && (
        <>
          <p class={`outcome ${verdict.outcome}`}>{kTold[verdict.outcome]}</p>
          <ul class="checks">
            {verdict.checks.map((check) => (
              <li key={check.what}>
                <span class={`mark ${check.outcome.replace(" ", "-")}`}>{kMark[check.outcome]}</span>
                <span>{check.what}{check.why !== "" && <em>: {check.why}</em>}</span>
              </li>
            ))}
          </ul>
          <p class="soft small">
            Calculated in this browser from the receipt's own bytes. Not shown by it: that the station measured right, and that
            nobody keeps another journal. The same without any browser: <code>tools/check_receipt.py</code>, or openssl.
          </p>
        </>
      )}
    </div>
  );
}

export function ReceiptCard({ api, receipt, number }: { api: Api; receipt: Receipt; number: number }) {
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [busy, setBusy] = useState(false);
  const statement = JSON.parse(receipt.statement) as { position: string; durability: string; head: string };
  const save = `data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(receipt))}`;
  const verify = async () => {
    setBusy(true);
    setVerdict(await checkReceipt(receipt, await nodeKey(api)));
    setBusy(false);
  };
  return (
    <section class="card" aria-labelledby="receipt">
      <h2 id="receipt">Receipt</h2>
      <dl class="facts">
        <dt>Position in the journal</dt><dd>{statement.position}</dd>
        <dt>Durability</dt><dd>{statement.durability}</dd>
        <dt>Chain head</dt><dd><code>{statement.head}</code></dd>
        <dt>Signed by</dt><dd><code>{receipt.public_key}</code></dd>
        <dt>Merkle path</dt><dd>{receipt.proof.path.length} steps, in a group of {receipt.proof.leaves}</dd>
      </dl>
      <p class="row">
        <button class="strong" onClick={() => void verify()} aria-disabled={busy}>Verify this receipt</button>
        <a href={save} download={`receipt-${number}.json`}>Save as a file</a>
      </p>
      <VerdictOf verdict={verdict} />
    </section>
  );
}

// For a receipt that somebody brings.
export function VerifyPage({ api }: { api: Api }) {
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [problem, setProblem] = useState("");
  const look = async (file: File | undefined) => {
    setVerdict(null);
    setProblem("");
    if (file === undefined) return;
    try {
      if (file.size > kMostBytes) throw new Error("a receipt has no more than 4 MiB");
      setVerdict(await checkReceipt(readReceipt(await file.text()), await nodeKey(api)));
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <section class="card" aria-labelledby="verify">
      <h2 id="verify">Check a receipt</h2>
      <p class="soft">
        A receipt as <code>keel receipt 7 --out FILE</code>, the API or this page gave it. It is read and checked in this browser, and
        sent nowhere.
      </p>
      <label>
        Receipt, a JSON file
        <input type="file" accept=".json,application/json" onChange={(event) => void look(event.currentTarget.files?.[0])} />
      </label>
      {problem !== "" && <p class="warn" role="alert">{problem}</p>}
      <VerdictOf verdict={verdict} />
    </section>
  );
}
