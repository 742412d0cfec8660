// The main job through openapi-fetch, with the types that openapi-typescript generates; `tsc --strict` checks them.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./gateway.js";

const [gateway, sandbox, envelope] = process.argv.slice(2) as [string, string, string];
const headers = { Authorization: `Bearer ${process.env["COUNTERSIGN_KEY"]}` };
const client = createClient<paths>({ baseUrl: gateway, headers });
const [anna, ben, vendorId] = ["email:anna@example.com", "email:ben@example.com", envelope.split(":")[1]!];
const at = (key: string) => ({ path: { envelope }, header: { "Idempotency-Key": `typescript-${key}` } });

/** Of the sandbox, which plays the vendor and the signers. */
async function control(method: string, path: string, body?: object): Promise<string> {
  const request = { method, headers: { "Content-Type": "application/json" }, body: body ? JSON.stringify(body) : null };
  return await (await fetch(`${sandbox}/_sandbox${path}`, request)).text();
}

async function listed(): Promise<components["schemas"]["RecipientShown"]> {
  const { data } = await client.GET("/v1/envelopes/{envelope}/recipients", { params: { path: { envelope } } });
  return data!.recipients.find((one) => one.email === "anna@example.com")!;
}

const embedded = await listed();
assert(embedded.embedded && !embedded.locked);

const view = { recipient: anna, return_url: "https://app.example.com/signed" };
const views = "/v1/envelopes/{envelope}/views";
const made = await client.POST(views, { params: at("view"), body: view });
assert(made.data?.link.startsWith("http"), JSON.stringify(made.error));

const mails = async () => (await control("GET", "/outbox")).split(vendorId).length;
const remind = async () =>
  (await client.POST("/v1/envelopes/{envelope}/resends", { params: at("resend"), body: { recipient: ben } })).data;
const before = await mails();
const first = await remind();
assert(first);
assert.equal(await mails(), before + 1);
assert.deepEqual(await remind(), first, "the same key, the same answer");
assert.equal(await mails(), before + 1, "and no second mail");

while (!(await listed()).locked) {
  const act = { act: "enter_code", code: "Wrong234" };
  await control("POST", `/envelopes/${vendorId}/recipients/${embedded.id}/act`, act);
}
const locked = await client.POST(views, { params: at("locked"), body: view });
assert.equal(locked.error?.kind, "recipient_locked");
const body = { recipient: anna, code: "Anna3456" };
const unlocked = await client.POST("/v1/envelopes/{envelope}/unlocks", { params: at("unlock"), body });
assert.equal(unlocked.data?.by, "new_code");
assert(!(await listed()).locked);

const absent = { recipient: "email:absent@example.com" };
const missing = await client.POST("/v1/envelopes/{envelope}/resends", { params: at("absent"), body: absent });
assert.deepEqual([missing.error?.status, missing.error?.outcome, missing.error?.retry], [404, "no_effect", false]);

// What the document does not have does not compile.
// @ts-expect-error: there is no such member
assert.equal(missing.error?.retries, undefined);
console.log("told");
