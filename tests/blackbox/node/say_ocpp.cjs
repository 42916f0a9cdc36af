// A station made of npm's ocpp-rpc that says what it is told: for tests that look at what a whole node makes of it.
//
//   node say_ocpp.cjs URL STATION SECRET 'JSON of [[ACTION, PAYLOAD], …]'
//
// Prints the answers as a JSON list. "{transaction}" as a transactionId is that of the newest StartTransaction.
const { RPCClient } = require("ocpp-rpc");

const [endpoint, identity, password, words] = process.argv.slice(2);

async function main() {
  const station = new RPCClient({
    endpoint: `${endpoint}/ocpp`, identity, password, protocols: ["ocpp1.6"], strictMode: false, reconnect: false,
    callTimeoutMs: 30000,
  });
  await station.connect();
  const answers = [];
  let transaction;
  for (const [action, payload] of JSON.parse(words)) {
    if (payload.transactionId === "{transaction}") payload.transactionId = transaction;
    const answer = await station.call(action, payload);
    if (action === "StartTransaction") transaction = answer.transactionId;
    answers.push(answer);
  }
  await station.close();
  console.log(JSON.stringify(answers));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
