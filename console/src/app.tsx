import { useMemo, useState } from "preact/hooks";
import { Api } from "./api";
import { forgetToken, readToken, writeToken } from "./token";
import { Health } from "./views/health";
import { SignIn } from "./views/sign_in";

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
      <main>{token === "" ? <SignIn onToken={signIn} /> : <Health api={api} />}</main>
    </>
  );
}
