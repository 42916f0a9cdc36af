import { useState } from "preact/hooks";

export function SignIn({ onToken }: { onToken: (token: string) => void }) {
  const [entered, setEntered] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    if (entered.trim() !== "") onToken(entered.trim());
  };
  return (
    <form class="card narrow" onSubmit={submit}>
      <h2>Who looks?</h2>
      <p>The operator's token lies in the data directory, in the file <code>token</code>. It stays in this tab.</p>
      <label>
        Bearer token
        <input type="password" autocomplete="off" value={entered} onInput={(event) => setEntered(event.currentTarget.value)} />
      </label>
      <button type="submit" class="strong">Show this node</button>
    </form>
  );
}
