// Stations made of npm's ocpp-rpc (strict mode, OCPP 1.6) and ws, for ocpp_test.py:
//
//   node ocpp_station.cjs CASE URL [CA CERTIFICATE KEY]
//
// Operators' calls go to KEEL_API with KEEL_TOKEN; every station's secret is KEEL_SECRET, and CARD-n charges at CP-n.
// Prints one JSON document: what came of it.
const fs = require("node:fs");
const http = require("node:http");
const { RPCClient } = require("ocpp-rpc");
const WebSocket = require("ws");

const [which, url, ca, certificate, key] = process.argv.slice(2);
const { KEEL_API: api, KEEL_TOKEN: token, KEEL_SECRET: secret } = process.env;
const tls = ca && { ca: fs.readFileSync(ca), servername: "localhost" };
const own = certificate && { cert: fs.readFileSync(certificate), key: fs.readFileSync(key) };

function station(identity, options = {}) {
  const client = new RPCClient({
    endpoint: `${url}/ocpp`, identity, protocols: ["ocpp1.6"], strictMode: true, reconnect: false,
    callTimeoutMs: 10000, wsOpts: { ...tls, ...own }, ...options,
  });
  client.strictErrors = [];
  client.on("strictValidationFailure", (failure) => client.strictErrors.push(String(failure.error)));
  return client;
}

// One call of an operator to a station.
function order(identity, action, payload, seconds = 10, more = {}) {
  return new Promise((resolve, reject) => {
    const target = new URL(api);
    const request = http.request({
      host: target.hostname, port: target.port, method: "POST",
      path: `/v1/stations/${identity}/calls/${action}?timeout_s=${seconds}`,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...more },
    }, (answer) => {
      let text = "";
      answer.on("data", (piece) => (text += piece));
      answer.on("end", () => resolve({ status: answer.statusCode, ...JSON.parse(text) }));
    });
    request.on("error", reject);
    request.end(JSON.stringify(payload));
  });
}

// A WebSocket below ocpp-rpc, which is too well-behaved for faults.
function raw(identity, protocol = "ocpp1.6", path = `/ocpp/${identity}`) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url + path, protocol, {
      headers: { Authorization: "Basic " + Buffer.from(`${identity}:${secret}`).toString("base64") },
    });
    const heard = [];
    const waiting = [];
    socket.on("message", (data, binary) => {
      const message = binary ? data : data.toString();
      waiting.length > 0 ? waiting.shift()(message) : heard.push(message);
    });
    socket.next = () => new Promise((take) => (heard.length > 0 ? take(heard.shift()) : waiting.push(take)));
    socket.ask = async (message) => {
      socket.send(typeof message === "string" ? message : JSON.stringify(message));
      return JSON.parse(await socket.next());
    };
    socket.gone = new Promise((take) => socket.on("close", (code, reason) => take([code, reason.toString()])));
    socket.on("open", () => resolve(socket));
    socket.on("error", reject);
  });
}

// A moment so many seconds ago, as a station says it.
const ago = (seconds) => new Date(Date.now() - 1000 * seconds).toISOString();
const epoch = "1970-01-01T00:00:00Z";
const card = (identity) => identity.replace("CP", "CARD");
const start = (identity, meterStart, timestamp) => ({ connectorId: 1, idTag: card(identity), meterStart, timestamp });
const stop = (identity, transactionId, meterStop, timestamp) => ({ transactionId, idTag: card(identity), meterStop, timestamp });
const values = (transactionId, timestamp, ...sampledValue) => ({ connectorId: 1, transactionId, meterValue: [{ timestamp, sampledValue }] });

const cases = {
  // A station's day, and an operator's calls in the middle of it.
  async session() {
    const client = station("CP-1", { password: secret });
    const asked = [];
    client.handle(({ method, params }) => {
      asked.push([method, params]);
      if (method === "GetConfiguration")
        return { configurationKey: [{ key: "HeartbeatInterval", readonly: false, value: "300" }], unknownKey: [] };
      if (method === "GetLocalListVersion") return { listVersion: 3 };
      if (method === "GetDiagnostics") return {};
      if (method === "UnlockConnector") return { status: "Unlocked" };
      if (method === "Reset") return { status: "Rejected" };
      if (method === "UpdateFirmware") return {};
      return { status: "Accepted" };
    });
    await client.connect();
    const said = {};
    const say = async (method, params) => (said[method] = await client.call(method, params));
    await say("BootNotification", { chargePointVendor: "V", chargePointModel: "M", firmwareVersion: "1.0" });
    await say("StatusNotification", { connectorId: 1, errorCode: "NoError", status: "Charging", timestamp: ago(61) });
    await say("Authorize", { idTag: "CARD-1" });
    const { transactionId } = await say("StartTransaction", start("CP-1", 100, ago(60)));
    const ordered = {};
    for (const [action, payload] of [
      ["RemoteStartTransaction", { idTag: "CARD-1", connectorId: 2 }], ["RemoteStopTransaction", { transactionId }],
      ["UnlockConnector", { connectorId: 1 }], ["Reset", { type: "Soft" }], ["TriggerMessage", { requestedMessage: "Heartbeat" }],
      ["ChangeConfiguration", { key: "HeartbeatInterval", value: "60" }], ["GetConfiguration", { key: ["HeartbeatInterval"] }],
      ["ClearCache", {}], ["ChangeAvailability", { connectorId: 0, type: "Operative" }], ["GetLocalListVersion", {}],
      ["SendLocalList", { listVersion: 4, updateType: "Full", localAuthorizationList: [{ idTag: "CARD-1", idTagInfo: { status: "Accepted" } }] }],
      ["UpdateFirmware", { location: "https://firmware.example/1.1", retrieveDate: "2027-02-01T00:00:00Z" }],
      ["GetDiagnostics", { location: "https://logs.example/" }], ["DataTransfer", { vendorId: "V", data: "x" }],
      ["ExtendedTriggerMessage", { requestedMessage: "BootNotification" }],
      ["GetLog", { logType: "SecurityLog", requestId: 1, log: { remoteLocation: "https://logs.example/" } }],
      ["InstallCertificate", { certificateType: "CentralSystemRootCertificate", certificate: "PEM" }],
    ]) ordered[action] = (await order("CP-1", action, payload)).result;
    await say("MeterValues", values(transactionId, ago(30), { value: "0.45", unit: "kWh", context: "Sample.Periodic" }));
    await say("StopTransaction", { ...stop("CP-1", transactionId, 900, ago(0)), reason: "EVDisconnected" });
    await say("DataTransfer", { vendorId: "V", messageId: "m", data: "d" });
    await say("FirmwareStatusNotification", { status: "Installed" });
    await say("DiagnosticsStatusNotification", { status: "Uploaded" });
    await say("SecurityEventNotification", { type: "FirmwareUpdated", timestamp: ago(0) });
    await say("LogStatusNotification", { status: "Uploaded", requestId: 1 });
    await say("SignedFirmwareStatusNotification", { status: "Installed", requestId: 2 });
    await say("SignCertificate", { csr: "PEM" });
    await say("Heartbeat", {});
    await client.close();
    return { said, ordered, asked: asked.map(([method]) => method), strict: client.strictErrors };
  },

  // What is wrong has its code.
  async refusals() {
    const client = station("CP-2", { password: secret, strictMode: false });
    await client.connect();
    const codes = {};
    for (const [name, method, params] of [
      ["unknown action", "Nonsense", {}], ["other direction", "Reset", { type: "Hard" }], ["other profile", "ReserveNow", {}],
      ["unknown key", "Heartbeat", { x: 1 }], ["missing key", "Authorize", {}], ["wrong type", "Authorize", { idTag: 7 }],
      ["too long", "Authorize", { idTag: "x".repeat(21) }],
      ["not listed", "StatusNotification", { connectorId: 1, errorCode: "NoError", status: "Idle" }],
    ]) codes[name] = await client.call(method, params).then(() => "accepted", (error) => error.rpcErrorCode);
    const tokens = {};
    for (const idTag of ["CARD-2", "NOBODY", "POOR"]) {
      const begun = await client.call("StartTransaction", { connectorId: 1, idTag, meterStart: 0, timestamp: ago(1) });
      tokens[idTag] = begun.idTagInfo.status;
      await client.call("StopTransaction", { transactionId: begun.transactionId, meterStop: 1000, timestamp: ago(0) });
    }
    await client.close();
    return { codes, tokens };
  },

  // Twice said, late, never asked.
  async faults() {
    let socket = await raw("CP-3");
    const begin = start("CP-3", 1000, ago(60));
    const first = await socket.ask([2, "a", "StartTransaction", begin]);
    const again = await socket.ask([2, "a", "StartTransaction", begin]);
    socket.terminate();
    socket = await raw("CP-3");
    const replayed = await socket.ask([2, "other", "StartTransaction", begin]);
    const { transactionId } = first[2];
    socket.send(JSON.stringify([3, "never-asked", {}]));
    socket.send(JSON.stringify([4, "never-asked", "GenericError", "", {}]));
    socket.send("}{");
    // A call of each side is under way at once: the order crosses the request.
    const ordered = order("CP-3", "ClearCache", {});
    const called = JSON.parse(await socket.next());
    const crossed = await socket.ask([2, "d", "MeterValues", values(transactionId, ago(30), { value: "2500" })]);
    socket.send(JSON.stringify([3, called[1], { status: "Accepted" }]));
    socket.send(JSON.stringify([3, called[1], { status: "Rejected" }]));
    const order_result = (await ordered).result;
    // One that is answered too late.
    const slow = order("CP-3", "ClearCache", {}, 1);
    const late = JSON.parse(await socket.next());
    const slow_result = (await slow).result;
    socket.send(JSON.stringify([3, late[1], { status: "Accepted" }]));
    // An id of before, with other content, is another call.
    const after = await socket.ask([2, "d", "Heartbeat", {}]);
    // The first holds the line for longer than the others have time.
    const long = order("CP-3", "ClearCache", {}, 3);
    await socket.next();
    const many = await Promise.all([long, order("CP-3", "ClearCache", {}, 1), order("CP-3", "ClearCache", {}, 1)]);
    const end = stop("CP-3", transactionId, 3000, ago(0));
    const stopped = [await socket.ask([2, "s", "StopTransaction", end]), await socket.ask([2, "t", "StopTransaction", end])];
    // A second stop that says something else does not change the bill.
    await socket.ask([2, "u", "StopTransaction", { ...end, meterStop: 9000 }]);
    socket.terminate();
    const offline = (await order("CP-9", "ClearCache", {})).result;
    return {
      first, again, replayed, crossed: crossed[0], order_result, slow_result, after: after[2], stopped,
      many: many.map(({ result }) => result).sort(), offline,
      twice_ordered: [await order("CP-9", "ClearCache", {}, 1, { "Idempotency-Key": "k" }),
                      await order("CP-9", "ClearCache", {}, 1, { "Idempotency-Key": "k" })].map(({ status }) => status),
    };
  },

  // What was kept while there was no network, said all at once, in the wrong order, twice.
  async offline() {
    const kept = [
      // A whole transaction, whose number the station could not know.
      ["StartTransaction", start("CP-6", 0, ago(7200))],
      ["MeterValues", { ...values(undefined, ago(5400), { value: "700" }) }],
      ["StopTransaction", stop("CP-6", -1, 1500, ago(3600))],
      // The next one: its stop before its start.
      ["StopTransaction", stop("CP-6", -2, 5000, ago(600))],
      ["StartTransaction", start("CP-6", 2000, ago(1800))],
    ];
    const heard = [];
    for (const round of [1, 2]) {
      const socket = await raw("CP-6");
      for (const [number, [action, payload]] of kept.entries())
        heard.push((await socket.ask([2, `${round}-${number}`, action, payload]))[2]);
      socket.terminate();
    }
    return { first: heard.slice(0, kept.length), second: heard.slice(kept.length) };
  },

  // A station that lost its clock.
  async clocks() {
    const socket = await raw("CP-7");
    const { transactionId } = (await socket.ask([2, "1", "StartTransaction", start("CP-7", 50, epoch)]))[2];
    await socket.ask([2, "2", "MeterValues", values(transactionId, "2099-01-01T00:00:00Z", { value: "99999" })]);
    await socket.ask([2, "3", "StopTransaction", stop("CP-7", transactionId, 1050, epoch)]);
    socket.close();
    return { transactionId };
  },

  // An operator starts and stops, and what can come of that.
  async remote() {
    const socket = await raw("CP-10");
    const results = [];
    // Orders, the station answers with a payload (an array: a CALLERROR), and the result is noted.
    const make = async (action, payload, answer, more) => {
      const ordered = order("CP-10", action, payload, 10, more);
      const [, id, asked, given] = JSON.parse(await socket.next());
      socket.send(JSON.stringify(Array.isArray(answer) ? [4, id, ...answer] : [3, id, answer]));
      results.push([asked, (await ordered).result]);
      return given;
    };
    const { idTag } = await make("RemoteStartTransaction", { idTag: "CARD-10", connectorId: 1 }, { status: "Accepted" },
                                 { "Idempotency-Key": "00000000-0000-0000-0000-0000000003e8" });
    const begun = await socket.ask([2, "1", "StartTransaction", { connectorId: 1, idTag, meterStart: 0, timestamp: ago(50) }]);
    const { transactionId } = begun[2];
    await make("RemoteStopTransaction", { transactionId: transactionId + 7 }, { status: "Rejected" });
    const told = await make("RemoteStopTransaction", { transactionId }, { status: "Accepted" });
    await socket.ask([2, "2", "StopTransaction", { ...stop("CP-10", told.transactionId, 4000, ago(0)), reason: "Remote" }]);
    await make("UnlockConnector", { connectorId: 1 }, { status: "UnlockFailed" });
    await make("UnlockConnector", { connectorId: 1 }, { status: "NotSupported" });
    await make("Reset", { type: "Hard" }, ["InternalError", "no", {}]);
    await make("Reset", { type: "Soft" }, { nonsense: true });
    // It restarts at once: whether it had heard, only it knows.
    const reset = order("CP-10", "Reset", { type: "Hard" });
    await socket.next();
    socket.terminate();
    results.push(["Reset", (await reset).result]);
    return { results };
  },

  // A session whose node dies in the middle: the first half, and what the station says again.
  async "half a session"() {
    const socket = await raw("CP-11");
    const begin = start("CP-11", 0, ago(60));
    const reading = values(undefined, ago(30), { value: "1200" });
    const { transactionId } = (await socket.ask([2, "1", "StartTransaction", begin]))[2];
    reading.transactionId = transactionId;
    await socket.ask([2, "2", "MeterValues", reading]);
    fs.writeFileSync(process.env.KEEL_KEPT, JSON.stringify({ begin, reading, transactionId }));
    return { transactionId };
  },
  async "the other half"() {
    const { begin, reading, transactionId } = JSON.parse(fs.readFileSync(process.env.KEEL_KEPT));
    const socket = await raw("CP-11");
    const again = (await socket.ask([2, "1", "StartTransaction", begin]))[2].transactionId;
    await socket.ask([2, "2", "MeterValues", reading]);
    await socket.ask([2, "3", "StopTransaction", stop("CP-11", transactionId, 2000, ago(0))]);
    socket.close();
    return { again };
  },

  // Stations that charge, session after session, at a node that is killed again and again: each says a thing until it is
  // answered, as it was, over whatever connection there is then. Half of them are ocpp-rpc's, the others are ws. Ends when
  // its input ends; what was answered.
  async insist() {
    let over = false;
    process.stdin.on("end", () => (over = true)).resume();
    const pause = (ms) => new Promise((take) => setTimeout(take, ms));
    const result = { sessions: [], again: 0, strict: [] };
    const charge = async (number) => {
      const identity = `CP-${number}`;
      let link = null;
      const connect = async () => {
        if (number % 2 === 0) {
          const client = station(identity, { password: secret, callTimeoutMs: 20000 });
          client.on("disconnect", () => link === client && (link = null));
          await client.connect();
          result.strict.push(client.strictErrors);
          client.say = (method, params) => client.call(method, params);
          client.end = () => client.close({ force: true });
          return client;
        }
        const socket = await raw(identity);
        let id = 0;
        socket.say = async (method, params) => {
          const answer = await Promise.race([socket.ask([2, `${++id}`, method, params]), socket.gone.then(() => null)]);
          if (answer === null || answer[0] !== 3) throw new Error("no answer: " + JSON.stringify(answer));
          return answer[2];
        };
        socket.end = () => socket.terminate();
        return socket;
      };
      const insist = async (method, params) => {
        for (let tries = 0; ; ++tries) {
          if (tries > 0) ++result.again;
          try {
            link ??= await connect();
            return await link.say(method, params);
          } catch {
            if (link !== null) await Promise.resolve(link.end()).catch(() => {});
            link = null;
            await pause(50);
          }
        }
      };
      for (let register = 0; !over; register += 1000) {
        const { transactionId, idTagInfo } = await insist("StartTransaction", start(identity, register, ago(0)));
        await pause(100);
        await insist("MeterValues", values(transactionId, ago(0), { value: `${register + 400}` }));
        await pause(100);
        await insist("StopTransaction", stop(identity, transactionId, register + 1000, ago(0)));
        result.sessions.push({ station: identity, transactionId, status: idTagInfo.status });
        await pause(50);
      }
      if (link !== null) await Promise.resolve(link.end()).catch(() => {});
    };
    await Promise.all([1, 2, 3, 4].map(charge));
    return { ...result, strict: result.strict.flat() };
  },

  // Many connections of one station at once, in the middle of a session: the last one counts, and works.
  async storm() {
    const calm = await raw("CP-4");
    const begin = start("CP-4", 0, ago(30));
    const { transactionId } = (await calm.ask([2, "1", "StartTransaction", begin]))[2];
    const all = [];
    for (let i = 0; i < 100; ++i) all.push(raw("CP-4"));
    const sockets = [calm, ...await Promise.all(all)];
    const young = await raw("CP-4");
    const closed = await Promise.all(sockets.map((socket) => socket.gone));
    const again = (await young.ask([2, "1", "StartTransaction", begin]))[2].transactionId;
    const ordered = order("CP-4", "ClearCache", {});
    const [, id] = JSON.parse(await young.next());
    young.send(JSON.stringify([3, id, { status: "Accepted" }]));
    const { result } = await ordered;
    await young.ask([2, "2", "StopTransaction", stop("CP-4", transactionId, 6000, ago(0))]);
    young.close();
    return { codes: [...new Set(closed.map(([code]) => code))], same: again === transactionId, result };
  },

  // Who gets in.
  async door() {
    const tries = {};
    const attempt = async (name, identity, options) => {
      const client = station(identity, options);
      tries[name] = await client.connect().then(() => "open", (error) => error.code ?? error.message);
      await client.close({ force: true }).catch(() => {});
    };
    await attempt("right", "CP-5", { password: secret });
    await attempt("wrong", "CP-5", { password: "guess" });
    await attempt("none", "CP-5");
    await attempt("unknown", "XX-5", { password: secret });
    await attempt("unknown, none", "XX-5");
    return tries;
  },

  // The WebSocket below all this, of an echo.
  async socket() {
    const echo = await raw("CP-6", "ocpp1.6", "/");
    echo.send("text");
    const text = await echo.next();
    const large = Buffer.alloc(100000, 7);
    echo.send(large, { fin: false });
    echo.send(large.subarray(0, 10), { fin: true });
    const bytes = await echo.next();
    const pong = new Promise((take) => echo.on("pong", (data) => take(data.toString())));
    echo.ping("are you there");
    const answered = await pong;
    echo.close(1000, "done");
    const [code] = await echo.gone;
    const huge = await raw("CP-6", "ocpp1.6", "/");
    huge.send("x".repeat(140000));
    const [refused] = await huge.gone;
    return { text, bytes: bytes.length, answered, code, refused };
  },

  // What a central system is not spoken to with.
  async "not OCPP"() {
    const bytes = await raw("CP-8");
    bytes.send(Buffer.from("[2,\"1\",\"Heartbeat\",{}]"));
    const [mistaken] = await bytes.gone;
    const babble = await raw("CP-8");
    for (let i = 0; i < 32; ++i) babble.send("}{");
    const [hopeless] = await babble.gone;
    const long = await raw("CP-8");
    long.send("x".repeat(140000));
    const [refused] = await long.gone;
    return { mistaken, hopeless, refused };
  },
};

cases[which]().then((result) => {
  console.log(JSON.stringify(result));
  process.exit(0);
}, (error) => {
  console.error(error);
  process.exit(1);
});
