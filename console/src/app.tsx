import { useMemo, useState } from "preact/hooks";
import { Api } from "./api";
import { forgetToken, readToken, writeToken } from "./token";
import { Health } from "./views/health";
import { SessionDetail } from "./views/session";
import { Sessions } from "./views/sessions";
import { SignIn } from "./views/sign_in";
import { Stations } from "./views/stations";

export function App() {
  const [token, setToken] = useState(readToken);
  const api = useMemo(() => new Api(token), [token]);
  const signIn = (entered: string) => {
    writeToken(entered);
    setToken(entered);
  };
  const signOut = () => {
    forgetToken();
    setToken("");
  };
  return (
    <>
      <header>
        <h1>Keel</h1>
        {token !== "" && <button onClick={signOut}>Forget the token</button>}
      </header>
      <main>{token === "" ? <SignIn onToken={signIn} /> : <Overview api={api} />}</main>
    </>
  );
}

function Overview({ api }: { api: Api }) {
  const [session, setSession] = useState<number | null>(null);
  return (
    <>
      <Health api={api} />
      <Stations api={api} onSession={setSession} />
      {session === null ? (
        <Sessions api={api} onSession={setSession} />
      ) : (
        <SessionDetail api={api} number={session} onBack={() => setSession(null)} />
      )}
    </>
  );
}
