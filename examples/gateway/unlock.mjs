// Gives a locked signer new attempts, and prints a signing link. Needs Node.js 18 or later and nothing else.
//
// COUNTERSIGN_KEY=cs_… node unlock.mjs http://127.0.0.1:8790 sales:ENVELOPE email:anna@example.com NEW-CODE

const [gateway, envelope, recipient, code] = process.argv.slice(2);

/** Repeats a request under one key until it is done, or must not be repeated. */
async function call(method, path, body) {
  const headers = {
    Authorization: `Bearer ${process.env.COUNTERSIGN_KEY}`,
    "Content-Type": "application/json",
    // Keep it with the job, so that the call is made once even if this process dies.
    "Idempotency-Key": crypto.randomUUID(),
  };
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(gateway + path, { method, headers, body: body && JSON.stringify(body) });
    const reply = await answer.json();
    if (answer.ok) return reply;
    // `retry` decides, not the status.
    if (!reply.retry || attempt === 4) {
      throw new Error(`${reply.detail} (outcome: ${reply.outcome}); next: ${reply.hint}`);
    }
    const seconds = reply.retry_after_seconds ?? 2 ** attempt;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}

const at = `/v1/envelopes/${envelope}`;
const { recipients } = await call("GET", `${at}/recipients`);
for (const one of recipients) console.error(one.id, one.name, one.status, one.locked ? "locked" : "");
const unlocked = await call("POST", `${at}/unlocks`, { recipient, code });
console.error("unlocked by", unlocked.by);
const view = await call("POST", `${at}/views`, { recipient, return_url: "https://app.example.com/signed" });
console.log(view.link);
