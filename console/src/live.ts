// What the node knows of stations and sessions, kept up to date by its events: read once, then each fact of charging is
// applied as it is made durable. Nothing is asked again but after the stream was lost.
import { useEffect, useState } from "preact/hooks";
import { Api, ApiError, type StreamEvent } from "./api";

export interface Connector {
  connector: number;
  status: string;
  session: number;
  error: string;
}
export interface Station {
  station: string;
  vendor: string;
  model: string;
  seen_at: string;
  connectors: Connector[];
}
export interface Session {
  session: number;
  state: string;
  station: string;
  connector: number;
  started_at: string;
  start_register_wh: string;
  register_wh: string;
  total: string;
  held: string;
  version: number;
  correlation: string;
}
export interface World {
  stations: ReadonlyMap<string, Station>;
  sessions: ReadonlyMap<number, Session>; // the newest kMostSessions
  touched: ReadonlyMap<number, string>; // position of the last event of each of them
  link: "connecting" | "live" | "lost";
  more: boolean; // there are more stations than are shown
  problem: string;
}

const kMostSessions = 200;
const kMostStations = 2000;
const kPage = 500;
const kAgainMs = [500, 1000, 2000, 5000, 10_000];

const kNothing: World = {
  stations: new Map(), sessions: new Map(), touched: new Map(), link: "connecting", more: false, problem: "",
};

type Row = Record<string, unknown>;

function changeConnector(world: World, name: string, number: number, change: Partial<Connector>): World {
  const station = world.stations.get(name);
  if (station === undefined) return world;
  const connectors = station.connectors.map((each) => (each.connector === number ? { ...each, ...change } : each));
  return { ...world, stations: new Map(world.stations).set(name, { ...station, connectors }) };
}

function changeStation(world: World, name: string, change: Partial<Station>): World {
  const station = world.stations.get(name);
  if (station === undefined) return world;
  return { ...world, stations: new Map(world.stations).set(name, { ...station, ...change }) };
}

function changeSession(world: World, number: number, change: Partial<Session>): World {
  const session = world.sessions.get(number);
  if (session === undefined) return world;
  return { ...world, sessions: new Map(world.sessions).set(number, { ...session, ...change }) };
}

function begin(world: World, row: Row): World {
  const sessions = new Map(world.sessions);
  const session: Session = {
    ...(row as unknown as Session),
    state: "open", start_register_wh: row.register_wh as string, total: "0", held: row.hold as string, version: 0,
  };
  sessions.set(session.session, session);
  if (sessions.size > kMostSessions) sessions.delete(Math.min(...sessions.keys()));
  return changeConnector({ ...world, sessions }, session.station, session.connector, { session: session.session });
}

function end(world: World, row: Row): World {
  const session = world.sessions.get(row.session as number);
  const changed = changeSession(world, row.session as number, { state: "stopped", register_wh: row.register_wh as string });
  return session === undefined ? changed : changeConnector(changed, session.station, session.connector, { session: 0 });
}

// One fact. Pure: what it says of rows that are not shown changes nothing.
export function apply(world: World, type: string, row: Row, position: string): World {
  const number = row.session as number | undefined;
  const next =
    number === undefined ? world : { ...world, touched: new Map(world.touched).set(number, position) };
  switch (type) {
    case "charging.station_booted":
      return changeStation(next, row.station as string,
        { vendor: row.vendor as string, model: row.model as string, seen_at: row.at as string });
    case "charging.stations_seen":
      return (row.stations as { station: string; at: string }[]).reduce(
        (all, each) => changeStation(all, each.station, { seen_at: each.at }), next);
    case "charging.status_reported":
      return changeConnector(
        changeStation(next, row.station as string, { seen_at: row.at as string }), row.station as string,
        row.connector as number, { status: row.status as string, error: row.error as string });
    case "charging.session_started":
      return begin(next, row);
    case "charging.readings_recorded":
      return changeSession(next, number!, { register_wh: (row.usage as { register_wh: string }).register_wh });
    case "charging.session_stopped":
      return end(next, row);
    case "charging.session_closed":
      return changeSession(next, number!, {
        state: "closed", total: row.total as string, version: row.version as number,
        register_wh: row.stop_register_wh as string,
      });
    default:
      return next;
  }
}

async function snapshot(api: Api, signal: AbortSignal): Promise<{ world: World; position: string }> {
  const first = await api.jsonAt<{ stations: Station[]; next: string }>(`/v1/stations?limit=${kPage}`, signal);
  const stations = new Map(first.value.stations.map((each) => [each.station, each]));
  let next = first.value.next;
  while (next !== "" && stations.size < kMostStations) {
    const page = await api.json<{ stations: Station[]; next: string }>(
      `/v1/stations?limit=${kPage}&after=${encodeURIComponent(next)}`, signal);
    for (const each of page.stations) stations.set(each.station, each);
    next = page.next;
  }
  // Without a station nothing need be set up.
  const count = stations.size === 0 ? 0
    : Number((await api.json<{ sessions: string }>("/v1/charging/settings", signal)).sessions);
  const after = Math.max(0, count - kMostSessions);
  const page = await api.json<{ sessions: Session[] }>(`/v1/sessions?limit=${kMostSessions}&after=${after}`, signal);
  const sessions = new Map(page.sessions.map((each) => [each.session, each]));
  return { world: { ...kNothing, stations, sessions, link: "live", more: next !== "" }, position: first.position };
}

class Follower {
  private world = kNothing;
  private position = "";
  private shown = 0;

  constructor(private readonly api: Api, private readonly show: (world: World) => void,
    private readonly signal: AbortSignal) {}

  // Many facts in one moment are shown once.
  private set(world: World): void {
    this.world = world;
    if (this.shown !== 0) return;
    this.shown = window.setTimeout(() => {
      this.shown = 0;
      if (!this.signal.aborted) this.show(this.world);
    }, 50);
  }

  private async take(event: StreamEvent): Promise<boolean> {
    if (event.id !== "") this.position = event.id;
    if (event.type === "end" || event.type === "error") return false;
    const record = event.data as { rows?: Row[] };
    for (const row of record.rows ?? []) {
      if (event.type === "charging.station_registered") await this.lookUp(row.station as string);
      else this.set(apply(this.world, event.type, row, event.id));
    }
    return true;
  }

  // A station that is new, or was changed: how many connectors it has is the module's to say.
  private async lookUp(name: string): Promise<void> {
    const page = await this.api.json<{ stations: Station[] }>(
      `/v1/stations?station=${encodeURIComponent(name)}`, this.signal);
    const stations = new Map(this.world.stations);
    for (const each of page.stations) stations.set(each.station, each);
    if (stations.size > kMostStations) return;
    this.set({ ...this.world, stations: new Map([...stations].sort(([one], [other]) => (one < other ? -1 : 1))) });
  }

  private async follow(): Promise<void> {
    if (this.position === "") {
      const read = await snapshot(this.api, this.signal);
      this.position = read.position;
      this.set({ ...read.world, touched: this.world.touched });
    }
    const path = `/v1/events?types=charging&after=${this.position}`;
    for await (const event of this.api.events(path, this.signal)) {
      if (this.world.link !== "live") this.set({ ...this.world, link: "live", problem: "" });
      if (!(await this.take(event))) return;
    }
  }

  async run(): Promise<void> {
    for (let failures = 0; !this.signal.aborted; ) {
      const before = this.position;
      let problem = "the stream has ended";
      await this.follow().catch((error: Error) => {
        problem = error.message;
        // What cannot be followed from there is read anew.
        if (error instanceof ApiError) this.position = "";
      });
      if (this.signal.aborted) return;
      failures = before === this.position ? failures + 1 : 0;
      this.set({ ...this.world, link: "lost", problem });
      const pause = kAgainMs[Math.min(failures, kAgainMs.length - 1)]!;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

export function useWorld(api: Api): World {
  const [world, setWorld] = useState(kNothing);
  useEffect(() => {
    const ending = new AbortController();
    setWorld(kNothing);
    void new Follower(api, setWorld, ending.signal).run();
    return () => ending.abort();
  }, [api]);
  return world;
}
