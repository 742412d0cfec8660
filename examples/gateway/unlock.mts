// Gives a locked signer new attempts, and prints a signing link, with types from the gateway's document:
//
// npm install openapi-fetch@0.17 && npx -y openapi-typescript@7 http://127.0.0.1:8790/openapi.json -o gateway.d.ts
// COUNTERSIGN_KEY=cs_… npx -y tsx unlock.mts http://127.0.0.1:8790 sales:ENVELOPE email:anna@example.com NEW-CODE

import createClient from "openapi-fetch";
import type { components, paths } from "./gateway.js";

const [gateway, envelope, recipient, code] = process.argv.slice(2) as [string, string, string, string];

/** Repeats a request with its key until it is done, must not be repeated, or took two minutes. */
async function patiently(request: Request): Promise<Response> {
  const end = Date.now() + 120_000;
  for (let wait = 1; ; wait = Math.min(2 * wait, 10)) {
    let pause = wait;
    try {
      // The gateway itself gives up after 60 s.
      const answer = await fetch(request.clone(), { signal: AbortSignal.timeout(75_000) });
      if (answer.ok) return answer;
      // `retry` decides, not the status. What is no JSON is a proxy's: the key makes a repetition safe.
      const problem: components["schemas"]["Problem"] = await answer.clone().json();
      pause = problem.retry_after_seconds ?? wait;
      if (!problem.retry || Date.now() + pause * 1000 > end) return answer;
    } catch (error) {
      if (Date.now() + pause * 1000 > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause * 1000));
  }
}

const headers = { Authorization: `Bearer ${process.env["COUNTERSIGN_KEY"]}` };
const client = createClient<paths>({ baseUrl: gateway, headers, fetch: patiently });
// Keep the key with the job, so that the call is made once even if this process dies.
const at = () => ({ path: { envelope }, header: { "Idempotency-Key": crypto.randomUUID() } });

const body = { recipient, code };
const { data: unlocked, error } = await client.POST("/v1/envelopes/{envelope}/unlocks", { params: at(), body });
if (!unlocked) throw new Error(`${error.detail} (outcome: ${error.outcome}); next: ${error.hint}`);
console.error(unlocked.by ? `unlocked by ${unlocked.by}` : "not locked: the code stays as it was");
const view = { recipient, return_url: "https://app.example.com/signed" };
const { data: made, error: why } = await client.POST("/v1/envelopes/{envelope}/views", { params: at(), body: view });
if (!made) throw new Error(`${why.detail} (outcome: ${why.outcome}); next: ${why.hint}`);
console.log(made.link);
