import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Api } from "./api";
import { useWorld, type World } from "./live";
import { forgetToken, readToken, writeToken } from "./token";
import { Health } from "./views/health";
import { SessionPage } from "./views/session";
import { Sessions } from "./views/sessions";
import { SignIn } from "./views/sign_in";
import { Stations } from "./views/stations";
import { VerifyPage } from "./views/verify";

type Place = { view: "overview" | "verify" } | { view: "session"; number: number };

function placeOf(hash: string): Place {
  const session = /^#\/sessions\/(\d+)$/.exec(hash);
  if (session !== null) return { view: "session", number: Number(session[1]) };
  return { view: hash === "#/verify" ? "verify" : "overview" };
}

function usePlace(): Place {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const look = () => setHash(location.hash);
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  return useMemo(() => placeOf(hash), [hash]);
}

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
  if (token === "") {
    return (
      <>
        <Top />
        <main id="main"><SignIn onToken={signIn} /></main>
      </>
    );
  }
  return <SignedIn api={api} onSignOut={signOut} />;
}

function SignedIn({ api, onSignOut }: { api: Api; onSignOut: () => void }) {
  const world = useWorld(api);
  const place = usePlace();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  // A new view begins at its beginning, for the keyboard and for who listens.
  useEffect(() => {
    if (!first.current) main.current?.focus();
    first.current = false;
    scrollTo(0, 0);
  }, [place]);
  return (
    <>
      <Top link={world} view={place.view} onSignOut={onSignOut} />
      <main id="main" ref={main} tabIndex={-1}>
        {place.view === "overview" && (
          <>
            <Health api={api} />
            <Stations world={world} />
            <Sessions world={world} />
          </>
        )}
        {place.view === "session" && (
          <SessionPage key={place.number} api={api} number={place.number} touched={world.touched.get(place.number) ?? ""} />
        )}
        {place.view === "verify" && <VerifyPage api={api} />}
      </main>
    </>
  );
}

const kLink = { connecting: "connecting", live: "live", lost: "connection lost, trying again" };

function Top({ link, view, onSignOut }: { link?: World; view?: Place["view"]; onSignOut?: () => void }) {
  return (
    <header>
      <a class="skip" href="#main" onClick={(event) => {
        event.preventDefault();
        document.getElementById("main")?.focus();
      }}>Skip to content</a>
      <h1><a href="#/">Keel</a></h1>
      {link !== undefined && (
        <nav aria-label="Views">
          <a href="#/" aria-current={view === "overview" ? "page" : undefined}>Overview</a>
          <a href="#/verify" aria-current={view === "verify" ? "page" : undefined}>Check a receipt</a>
        </nav>
      )}
      {link !== undefined && (
        <p class={`link ${link.link}`} role="status" title={link.problem}>
          <span class="dot" aria-hidden="true" />
          {kLink[link.link]}
        </p>
      )}
      {onSignOut !== undefined && <button class="quiet" onClick={onSignOut}>Forget the token</button>}
    </header>
  );
}
