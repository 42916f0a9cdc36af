// The console in a real browser, as somebody with a keyboard uses it: console_browser.cjs URL TOKEN. Prints what it saw as
// JSON. With KEEL_SHOTS it writes screenshots to that directory.
"use strict";

const crypto = require("node:crypto");
const { chromium } = require("playwright-core");

const [url, token] = process.argv.slice(2);
const kWaitMs = 45_000;
const seen = { foreign: [], problems: [], asked: {}, axe: {}, verdicts: {}, focus: [] };

function watch(page) {
  page.on("pageerror", (error) => seen.problems.push(String(error)));
  page.on("console", (line) => line.type() === "error" && seen.problems.push(line.text()));
  page.on("request", (request) => {
    const at = new URL(request.url());
    if (at.protocol.startsWith("http") && at.origin !== new URL(url).origin) seen.foreign.push(request.url());
    seen.asked[at.pathname] = (seen.asked[at.pathname] ?? 0) + 1;
  });
}

async function shot(page, name) {
  if (process.env.KEEL_SHOTS) await page.screenshot({ path: `${process.env.KEEL_SHOTS}/${name}.png`, fullPage: true });
}

async function axe(page, name) {
  await page.evaluate(require("axe-core").source);
  const result = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  seen.axe[name] = result.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
}

// Presses Tab until what has the focus is called so; then Enter.
async function goTo(page, name) {
  for (let presses = 1; presses <= 60; ++presses) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const it = document.activeElement;
      return { name: it.getAttribute("aria-label") ?? it.textContent, ring: getComputedStyle(it).outlineStyle };
    });
    if (!name.test(focused.name)) continue;
    seen.focus.push({ ...focused, presses });
    await page.keyboard.press("Enter");
    return focused.name;
  }
  throw new Error(`no Tab leads to ${name}`);
}

async function overview(page) {
  await page.goto(`${url}/#token=${token}`);
  await page.waitForSelector(".link.live", { timeout: kWaitMs });
  await page.waitForSelector(".connectors .busy", { timeout: kWaitMs }); // a station charges: told by an event
  const before = { ...seen.asked };
  await page.waitForFunction(
    () => [...document.querySelectorAll("tbody tr td:nth-of-type(2)")].some((cell) => cell.textContent === "closed"),
    null, { timeout: kWaitMs });
  seen.polled = (seen.asked["/v1/sessions"] ?? 0) - (before["/v1/sessions"] ?? 0);
  seen.polled += (seen.asked["/v1/stations"] ?? 0) - (before["/v1/stations"] ?? 0);
  seen.stations = await page.locator(".wall > li").count();
  await axe(page, "overview, light");
  await shot(page, "overview-light");
}

async function session(page) {
  const closed = await page.evaluate(() => {
    const rows = [...document.querySelectorAll("tbody tr")];
    return rows.find((row) => row.textContent.includes("closed")).querySelector("a").getAttribute("aria-label");
  });
  await goTo(page, new RegExp(`^${closed}$`));
  await page.waitForSelector(".timeline li", { timeout: kWaitMs });
  seen.heading = await page.locator("#session").textContent();
  seen.opened = closed;
  seen.timeline = await page.locator(".timeline li").allTextContents();
  await goTo(page, /^Verify this receipt$/);
  await page.waitForSelector("[data-verdict=valid], [data-verdict=forged], [data-verdict=incomplete]", { timeout: kWaitMs });
  seen.verdicts.own = await page.locator(".verdict").getAttribute("data-verdict");
  seen.checks = await page.locator(".checks li").allTextContents();
  await axe(page, "session, light");
  await shot(page, "session-light");
}

// The last character of a hexadecimal text becomes another one.
function spoiled(text) {
  return text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");
}

// A receipt as a forger would make it: signed, but not by this node.
function signedByAnother(receipt) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("hex");
  return { ...receipt, public_key: raw, signature: crypto.sign(null, Buffer.from(receipt.statement), privateKey).toString("hex") };
}

async function files(page) {
  const number = seen.opened.replace(/\D/g, "");
  const answer = await fetch(`${url}/v1/sessions/${number}/receipt`, { headers: { Authorization: `Bearer ${token}` } });
  const receipt = await answer.json();
  const total = JSON.parse(receipt.statement).bill.total;
  const cheaper = receipt.statement.replace(`"total":"${total}"`, `"total":"1"`);
  const cases = {
    good: receipt,
    statement: { ...receipt, statement: cheaper },
    statement_signed: signedByAnother({ ...receipt, statement: cheaper }),
    signature: { ...receipt, signature: spoiled(receipt.signature) },
    key: signedByAnother(receipt),
    record: { ...receipt, proof: { ...receipt.proof, payload: spoiled(receipt.proof.payload) } },
    header: { ...receipt, proof: { ...receipt.proof, group_header: spoiled(receipt.proof.group_header) } },
  };
  await goTo(page, /^Check a receipt$/);
  await page.waitForSelector("input[type=file]");
  for (const [name, content] of Object.entries(cases)) {
    const buffer = Buffer.from(JSON.stringify(content));
    await page.setInputFiles("input[type=file]", { name: `${name}.json`, mimeType: "application/json", buffer });
    await page.waitForFunction(() => document.querySelector(".verdict").dataset.verdict !== "", null, { timeout: kWaitMs });
    seen.verdicts[name] = await page.locator(".verdict").getAttribute("data-verdict");
    await page.setInputFiles("input[type=file]", []);
  }
  const buffer = Buffer.from("{}");
  await page.setInputFiles("input[type=file]", { name: "none.json", mimeType: "application/json", buffer });
  seen.none = await page.locator("[role=alert]").textContent();
  await axe(page, "verify, light");
}

async function looks(browser) {
  for (const [name, width, colorScheme] of [["dark", 1280, "dark"], ["narrow", 380, "light"]]) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, reducedMotion: "reduce" });
    watch(page);
    await page.goto(`${url}/#token=${token}`);
    await page.waitForSelector(".wall > li", { timeout: kWaitMs });
    await axe(page, `overview, ${name}`);
    await shot(page, `overview-${name}`);
    await page.evaluate((label) => { location.hash = `#/sessions/${label.replace(/\D/g, "")}`; }, seen.opened);
    await page.waitForSelector(".timeline li", { timeout: kWaitMs });
    await page.click("button.strong");
    await page.waitForSelector(".outcome", { timeout: kWaitMs });
    await axe(page, `session, ${name}`);
    await shot(page, `session-${name}`);
    seen[`wide ${name}`] = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    await page.close();
  }
}

async function main() {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: "light" });
    watch(page);
    await overview(page);
    await session(page);
    await files(page);
    await looks(browser);
  } finally {
    await browser.close();
  }
}

main().then(
  () => console.log(JSON.stringify(seen)),
  (error) => {
    console.log(JSON.stringify(seen));
    console.error(error);
    process.exit(1);
  },
);
