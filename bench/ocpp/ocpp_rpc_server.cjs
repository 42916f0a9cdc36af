// A central system made of npm's ocpp-rpc, for keel bench ocpp to be measured beside: it answers what a charge point says
// without keeping anything. Strict mode is off, which is faster. Prints its URL, and serves until its standard input ends.
const { RPCServer } = require("ocpp-rpc");

let transactions = 0;
const accepted = { idTagInfo: { status: "Accepted" } };
const answers = {
  BootNotification: () => ({ status: "Accepted", interval: 300, currentTime: new Date().toISOString() }),
  Heartbeat: () => ({ currentTime: new Date().toISOString() }),
  StartTransaction: () => ({ ...accepted, transactionId: ++transactions }),
  MeterValues: () => ({}),
  StopTransaction: () => accepted,
};

const server = new RPCServer({ protocols: ["ocpp1.6"], strictMode: false, pingIntervalMs: 0 });
server.on("client", (client) => {
  for (const [action, answer] of Object.entries(answers)) client.handle(action, answer);
});

server.listen(0, "127.0.0.1").then((listening) => {
  console.log(`ws://127.0.0.1:${listening.address().port}`);
  process.stdin.resume().on("end", () => process.exit(0));
});
