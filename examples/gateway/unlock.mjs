// Gives a locked signer new attempts, and prints a signing link. Needs Node.js 18 or later and nothing else.
//
// COUNTERSIGN_KEY=cs_… node unlock.mjs http://127.0.0.1:8790 sales:ENVELOPE email:anna@example.com NEW-CODE

const [gateway, envelope, recipient, code] = process.argv.slice(2);

/** Repeats a request under one key until it is done, must not be repeated, or took two minutes. */
async function call(method, path, body) {
  const headers = {
    Authorization: `Bearer ${process.env.COUNTERSIGN_KEY}`,
    "Content-Type": "application/json",
    // Keep it with the job, so that the call is made once even if this process dies.
    "Idempotency-Key": crypto.randomUUID(),
  };
  const url = new URL(gateway + path);
  const end = Date.now() + 120_000;
  for (let wait = 1; ; wait = Math.min(2 * wait, 10)) {
    // Of a lost connection, or of a proxy's answer without JSON: the key makes a repetition safe.
    let problem = { retry: true, detail: "no answer of the gateway", outcome: "unknown", hint: "see its log" };
    try {
      // The gateway itself gives up after 60 s.
      const signal = AbortSignal.timeout(75_000);
      const answer = await fetch(url, { method, headers, signal, body: body && JSON.stringify(body) });
      const reply = await answer.json();
      if (answer.ok) return reply;
      problem = reply;
    } catch (error) {
      problem.detail += `: ${error.cause ?? error}`;
    }
    const pause = problem.retry_after_seconds ?? wait;
    // `retry` decides, not the status.
    if (!problem.retry || Date.now() + pause * 1000 > end) {
      throw new Error(`${problem.detail} (outcome: ${problem.outcome}); next: ${problem.hint}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pause * 1000));
  }
}

const at = `/v1/envelopes/${envelope}`;
const { recipients } = await call("GET", `${at}/recipients`);
for (const one of recipients) console.error(one.id, one.name, one.status, one.locked ? "locked" : "");
const unlocked = await call("POST", `${at}/unlocks`, { recipient, code });
console.error(unlocked.by ? `unlocked by ${unlocked.by}` : "not locked: the code stays as it was");
const view = await call("POST", `${at}/views`, { recipient, return_url: "https://app.example.com/signed" });
console.log(view.link);
