// Clients made of npm's mqtt, for mqtt_node_test.py:
//
//   node mqtt_client.cjs CASE URL VERSION PASSWORD [CA]
//
// Prints one JSON document: what came of it.
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

const cases = {
  // Every quality, a retained message, a large one, and a will.
  async messages() {
    const watcher = await connect("watcher");
    const granted = await watcher.subscribeAsync({ "q/#": { qos: 2 }, gone: { qos: 1 } });
    const sender = await connect("sender", { will: { topic: "gone", payload: Buffer.from("sender"), qos: 1, retain: false } });
    for (const qos of [0, 1, 2]) await sender.publishAsync(`q/${qos}`, `quality ${qos}`, { qos });
    await sender.publishAsync("q/large", Buffer.alloc(200000, 120), { qos: 1 });
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
