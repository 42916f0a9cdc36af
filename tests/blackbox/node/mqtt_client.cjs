// Clients made of npm's mqtt, for mqtt_node_test.py:
//
//   node mqtt_client.cjs CASE URL VERSION PASSWORD [CA]
//
// Prints one JSON document: what came of it.
const crypto = require("node:crypto");
const fs = require("node:fs");
const mqtt = require("mqtt");

const [which, url, version, password, ca] = process.argv.slice(2);
const protocolVersion = Number(version);

function options(clientId, more = {}) {
  return {
    clientId, protocolVersion, username: "keel", password, reconnectPeriod: 0, connectTimeout: 15000, clean: true,
    ...(ca ? { ca: fs.readFileSync(ca) } : {}), ...more,
  };
}

// Kept by the broker for an hour.
const kept = protocolVersion === 5 ? { clean: false, properties: { sessionExpiryInterval: 3600 } } : { clean: false };

// A client with what it has heard, and a way to wait for more.
async function connect(clientId, more) {
  const client = await mqtt.connectAsync(url, options(clientId, more), false);
  client.heard = [];
  client.on("message", (topic, payload, packet) =>
    client.heard.push([topic, payload.length > 100 ? `${payload.length} bytes` : payload.toString(), packet.qos, packet.retain]));
  client.until = (count) => new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`heard only ${JSON.stringify(client.heard)}`)), 20000);
    const look = () => {
      if (client.heard.length < count) return;
      clearTimeout(limit);
      client.off("message", look);
      resolve();
    };
    client.on("message", look);
    look();
  });
  return client;
}

// A client of SCRAM-SHA-256 (RFC 5802, RFC 7677): what it says first, its answer, and what the server must say last.
function scram(user, secret) {
  const nonce = crypto.randomBytes(18).toString("base64");
  const bare = `n=${user},r=${nonce}`;
  const hmac = (key, text) => crypto.createHmac("sha256", key).update(text).digest();
  return {
    first: Buffer.from(`n,,${bare}`),
    answer(challenge) {
      const [, all, salt, iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(challenge);
      if (!all.startsWith(nonce)) throw new Error("not our nonce");
      const salted = crypto.pbkdf2Sync(secret, Buffer.from(salt, "base64"), Number(iterations), 32, "sha256");
      const own = hmac(salted, "Client Key");
      const without = `c=biws,r=${all}`;
      const said = `${bare},${challenge},${without}`;
      const signature = hmac(crypto.createHash("sha256").update(own).digest(), said);
      this.last = `v=${hmac(hmac(salted, "Server Key"), said).toString("base64")}`;
      return Buffer.from(`${without},p=${Buffer.from(own.map((byte, at) => byte ^ signature[at])).toString("base64")}`);
    },
  };
}

const cases = {
  // Enhanced authentication, and the same once more while the connection is open.
  async scram() {
    const prover = scram("pump", password);
    const method = "SCRAM-SHA-256";
    const told = [];
    const client = mqtt.connect(url, {
      ...options("pump"), username: undefined, password: undefined,
      properties: { authenticationMethod: method, authenticationData: prover.first },
    });
    let turn = prover;
    client.handleAuth = (packet, next) => {
      if (packet.reasonCode !== 0x18) return;  // the end of a second exchange
      const authenticationData = turn.answer(packet.properties.authenticationData.toString());
      next(undefined, { cmd: "auth", reasonCode: 0x18, properties: { authenticationMethod: method, authenticationData } });
    };
    const code = await new Promise((resolve) => {
      client.on("connect", (packet) => { told.push(packet.properties.authenticationData.toString() === prover.last); resolve(0); });
      client.on("error", (error) => resolve(error.code));
    });
    if (code !== 0) return { code };
    turn = scram("pump", password);
    const over = new Promise((resolve) => client.on("packetreceive", (packet) => {
      if (packet.cmd === "auth" && packet.reasonCode === 0) resolve(packet.properties.authenticationData.toString() === turn.last);
    }));
    client._writePacket({ cmd: "auth", reasonCode: 0x19, properties: { authenticationMethod: method, authenticationData: turn.first } });
    told.push(await over);
    await client.publishAsync("pumps/1", "on", { qos: 1 });
    await client.endAsync();
    return { code, told };
  },
  // Every quality, a retained message, a large one, and a will.
  async messages() {
    const watcher = await connect("watcher");
    const granted = await watcher.subscribeAsync({ "q/#": { qos: 2 }, gone: { qos: 1 } });
    const sender = await connect("sender", { will: { topic: "gone", payload: Buffer.from("sender"), qos: 1, retain: false } });
    for (const qos of [0, 1, 2]) await sender.publishAsync(`q/${qos}`, `quality ${qos}`, { qos });
    await sender.publishAsync("q/large", crypto.randomBytes(100000).toString("hex"), { qos: 1 });
    await sender.publishAsync("kept", "for later", { qos: 1, retain: true });
    await watcher.until(4);
    await watcher.subscribeAsync("kept", { qos: 1 });
    await watcher.until(5);
    sender.stream.destroy();
    await watcher.until(6);
    const answer = { granted: granted.map((each) => [each.topic, each.qos]), heard: [...watcher.heard] };
    await watcher.publishAsync("kept", "", { qos: 1, retain: true });
    await watcher.endAsync();
    return answer;
  },
  // A session that waits for messages, and messages that wait for it.
  async leave() {
    const keeper = await connect("keeper", kept);
    await keeper.subscribeAsync("s/#", { qos: 2 });
    await keeper.endAsync();
    const sender = await connect("sender");
    for (const qos of [1, 2]) await sender.publishAsync("s/x", `kept at ${qos}`, { qos });
    await sender.publishAsync("s/r", "retained", { qos: 2, retain: true });
    await sender.endAsync();
    return {};
  },
  async return() {
    const keeper = mqtt.connect(url, options("keeper", kept));
    const heard = [];
    const present = await new Promise((resolve, reject) => {
      let flag;
      keeper.on("connect", (packet) => { flag = packet.sessionPresent; });
      keeper.on("error", reject);
      keeper.on("message", (topic, payload, packet) => {
        heard.push([topic, payload.toString(), packet.qos]);
        if (heard.length === 3) resolve(flag);
      });
      setTimeout(() => reject(new Error(`heard only ${JSON.stringify(heard)}`)), 20000).unref();
    });
    // Nothing comes twice: a message of our own comes behind whatever would.
    await keeper.publishAsync("s/last", "last", { qos: 2 });
    while (heard.at(-1)[0] !== "s/last") await new Promise((resolve) => keeper.once("message", () => setImmediate(resolve)));
    await keeper.endAsync();
    return { present, heard };
  },
  // What the two before left behind.
  async forget() {
    const client = await connect("keeper");
    await client.publishAsync("s/r", "", { qos: 1, retain: true });
    await client.endAsync();
    return {};
  },
  async refused() {
    try {
      await mqtt.connectAsync(url, { ...options("x"), password: "wrong" }, false);
    } catch (error) {
      return { code: error.code };
    }
    return {};
  },
};

cases[which]().then(
  (answer) => process.stdout.write(JSON.stringify(answer), () => process.exit(0)),
  (error) => { console.error(error); process.exit(1); });
