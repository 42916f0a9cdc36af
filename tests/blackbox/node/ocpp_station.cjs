// Stations made of npm's ocpp-rpc (strict mode, OCPP 1.6) and ws, for ocpp_test.py:
//
//   node ocpp_station.cjs CASE URL [CA CERTIFICATE KEY]
//
// Prints one JSON document: what came of it.
const fs = require("node:fs");
const http = require("node:http");
const { RPCClient } = require("ocpp-rpc");
const WebSocket = require("ws");

const [which, url, ca, certificate, key] = process.argv.slice(2);
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
    const target = new URL(url.replace(/^ws/, "http"));
    const request = http.request({
      host: target.hostname, port: target.port, method: "POST",
      path: `/v1/stations/${identity}/calls/${action}?timeout_s=${seconds}`,
      headers: { Authorization: "Bearer test", "Content-Type": "application/json", ...more },
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
      headers: { Authorization: "Basic " + Buffer.from(`${identity}:secret`).toString("base64") },
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

const start = { connectorId: 1, idTag: "GOOD", meterStart: 100, timestamp: "2026-01-01T10:00:00Z" };
const stop = { transactionId: 1, idTag: "GOOD", meterStop: 900, timestamp: "2026-01-01T11:00:00.5+01:00", reason: "Local" };
const values = {
  connectorId: 1, transactionId: 1,
  meterValue: [{ timestamp: "2026-01-01T10:10:00Z", sampledValue: [{ value: "0.45", unit: "kWh", context: "Sample.Periodic" }] }],
};

const cases = {
  // A station's day, and an operator's calls in the middle of it.
  async session() {
    const client = station("CP-1", { password: "secret" });
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
    await say("StatusNotification", { connectorId: 1, errorCode: "NoError", status: "Available", timestamp: "2026-01-01T09:00:00Z" });
    await say("Authorize", { idTag: "GOOD" });
    await say("StartTransaction", start);
    const ordered = {};
    for (const [action, payload] of [
      ["RemoteStartTransaction", { idTag: "GOOD", connectorId: 2 }], ["RemoteStopTransaction", { transactionId: 1 }],
      ["UnlockConnector", { connectorId: 1 }], ["Reset", { type: "Soft" }], ["TriggerMessage", { requestedMessage: "Heartbeat" }],
      ["ChangeConfiguration", { key: "HeartbeatInterval", value: "60" }], ["GetConfiguration", { key: ["HeartbeatInterval"] }],
      ["ClearCache", {}], ["ChangeAvailability", { connectorId: 0, type: "Operative" }], ["GetLocalListVersion", {}],
      ["SendLocalList", { listVersion: 4, updateType: "Full", localAuthorizationList: [{ idTag: "GOOD", idTagInfo: { status: "Accepted" } }] }],
      ["UpdateFirmware", { location: "https://firmware.example/1.1", retrieveDate: "2026-02-01T00:00:00Z" }],
      ["GetDiagnostics", { location: "https://logs.example/" }], ["DataTransfer", { vendorId: "V", data: "x" }],
      ["ExtendedTriggerMessage", { requestedMessage: "BootNotification" }],
      ["GetLog", { logType: "SecurityLog", requestId: 1, log: { remoteLocation: "https://logs.example/" } }],
      ["InstallCertificate", { certificateType: "CentralSystemRootCertificate", certificate: "PEM" }],
    ]) ordered[action] = (await order("CP-1", action, payload)).result;
    await say("MeterValues", values);
    await say("StopTransaction", stop);
    await say("DataTransfer", { vendorId: "V", messageId: "m", data: "d" });
    await say("FirmwareStatusNotification", { status: "Installed" });
    await say("DiagnosticsStatusNotification", { status: "Uploaded" });
    await say("SecurityEventNotification", { type: "FirmwareUpdated", timestamp: "2026-01-01T12:00:00Z" });
    await say("LogStatusNotification", { status: "Uploaded", requestId: 1 });
    await say("SignedFirmwareStatusNotification", { status: "Installed", requestId: 2 });
    await say("SignCertificate", { csr: "PEM" });
    await say("Heartbeat", {});
    await client.close();
    return { said, ordered, asked: asked.map(([method]) => method), strict: client.strictErrors };
  },

  // What is wrong has its code.
  async refusals() {
    const client = station("CP-2", { password: "secret", strictMode: false });
    await client.connect();
    const codes = {};
    for (const [name, method, params] of [
      ["unknown action", "Nonsense", {}], ["other direction", "Reset", { type: "Hard" }], ["other profile", "ReserveNow", {}],
      ["unknown key", "Heartbeat", { x: 1 }], ["missing key", "Authorize", {}], ["wrong type", "Authorize", { idTag: 7 }],
      ["too long", "Authorize", { idTag: "x".repeat(21) }],
      ["not listed", "StatusNotification", { connectorId: 1, errorCode: "NoError", status: "Idle" }],
    ]) codes[name] = await client.call(method, params).then(() => "accepted", (error) => error.rpcErrorCode);
    await client.close();
    return codes;
  },

  // Twice said, late, never asked, in the wrong order.
  async faults() {
    let socket = await raw("CP-3");
    const first = await socket.ask([2, "a", "StartTransaction", start]);
    const again = await socket.ask([2, "a", "StartTransaction", start]);
    socket.terminate();
    socket = await raw("CP-3");
    const replayed = await socket.ask([2, "other", "StartTransaction", start]);
    socket.send(JSON.stringify([3, "never-asked", {}]));
    socket.send(JSON.stringify([4, "never-asked", "GenericError", "", {}]));
    socket.send("}{");
    const early = await socket.ask([2, "b", "StopTransaction", { ...stop, transactionId: -1, timestamp: "1970-01-01T00:00:00Z" }]);
    const twice = await socket.ask([2, "c", "StopTransaction", { ...stop, transactionId: -1, timestamp: "1970-01-01T00:00:00Z" }]);
    // A call of each side is under way at once: the order crosses the request.
    const ordered = order("CP-3", "ClearCache", {});
    const called = JSON.parse(await socket.next());
    const crossed = await socket.ask([2, "d", "Heartbeat", {}]);
    socket.send(JSON.stringify([3, called[1], { status: "Accepted" }]));
    socket.send(JSON.stringify([3, called[1], { status: "Rejected" }]));
    const order_result = (await ordered).result;
    // One that is answered too late.
    const slow = order("CP-3", "ClearCache", {}, 1);
    const late = JSON.parse(await socket.next());
    const slow_result = (await slow).result;
    socket.send(JSON.stringify([3, late[1], { status: "Accepted" }]));
    const after = await socket.ask([2, "e", "Heartbeat", {}]);
    // The first holds the line for longer than the others have time.
    const long = order("CP-3", "ClearCache", {}, 3);
    await socket.next();
    const many = await Promise.all([long, order("CP-3", "ClearCache", {}, 1), order("CP-3", "ClearCache", {}, 1)]);
    socket.terminate();
    const offline = (await order("CP-9", "ClearCache", {})).result;
    return {
      first, again, replayed, early, twice, crossed: crossed[0], order_result, slow_result, after: after[0],
      many: many.map(({ result }) => result).sort(), offline,
      twice_ordered: [await order("CP-9", "ClearCache", {}, 1, { "Idempotency-Key": "k" }),
                      await order("CP-9", "ClearCache", {}, 1, { "Idempotency-Key": "k" })].map(({ status }) => status),
    };
  },

  // Many connections of one station at once: the last one counts, and works.
  async storm() {
    const all = [];
    for (let i = 0; i < 100; ++i) all.push(raw("CP-4"));
    const sockets = await Promise.all(all);
    const young = await raw("CP-4");
    const closed = await Promise.all(sockets.map((socket) => socket.gone));
    const answer = await young.ask([2, "1", "Heartbeat", {}]);
    const ordered = order("CP-4", "ClearCache", {});
    const [, id] = JSON.parse(await young.next());
    young.send(JSON.stringify([3, id, { status: "Accepted" }]));
    const { result } = await ordered;
    young.close();
    return { codes: [...new Set(closed.map(([code]) => code))], answer: answer[0], result };
  },

  // Who gets in.
  async door() {
    const tries = {};
    const attempt = async (name, identity, options) => {
      const client = station(identity, options);
      tries[name] = await client.connect().then(() => "open", (error) => error.code ?? error.message);
      await client.close({ force: true }).catch(() => {});
    };
    await attempt("right", "CP-5", { password: "secret" });
    await attempt("wrong", "CP-5", { password: "guess" });
    await attempt("none", "CP-5");
    await attempt("unknown", "XX-5", { password: "secret" });
    return tries;
  },

  // The WebSocket below all this.
  async socket() {
    const echo = await raw("CP-6", "echo", "/");
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
    const huge = await raw("CP-6", "echo", "/");
    huge.send("x".repeat(140000));
    const [refused] = await huge.gone;
    const stream = await raw("CP-6", "mqtt", "/");
    stream.send(Buffer.from("by"));
    stream.send(Buffer.from("tes"));
    let streamed = "";
    while (streamed.length < 5) streamed += (await stream.next()).toString();
    stream.send("text");
    const [mistaken] = await stream.gone;
    return { text, bytes: bytes.length, answered, code, refused, streamed, mistaken };
  },
};

cases[which]().then((result) => {
  console.log(JSON.stringify(result));
  process.exit(0);
}, (error) => {
  console.error(error);
  process.exit(1);
});
