// An endpoint for events that checks them with the official library of Standard Webhooks.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import createClient from "openapi-fetch";
import { Webhook } from "standardwebhooks";
import type { paths } from "./gateway.js";

const [gateway] = process.argv.slice(2) as [string];
const headers = { Authorization: `Bearer ${process.env["COUNTERSIGN_KEY"]}` };
const client = createClient<paths>({ baseUrl: gateway, headers });

const secrets: string[] = [];
const received: unknown[] = [];
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const signed = request.headers as Record<string, string>;
  for (const secret of secrets) received.push(new Webhook(secret).verify(body, signed));
  assert.throws(() => new Webhook(secrets[0]!).verify(body + " ", signed));
  response.writeHead(204).end();
});
await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;

const made = await client.POST("/v1/endpoints", { body: { url, types: [], include: [] } });
assert(made.data, JSON.stringify(made.error));
secrets.push(made.data.secret);
const params = { path: { endpoint: made.data.endpoint.id } };
// For a day, messages have signatures by both secrets.
secrets.push((await client.POST("/v1/endpoints/{endpoint}/secrets", { params })).data!.secret);
const tested = await client.POST("/v1/endpoints/{endpoint}/tests", { params });
assert.deepEqual(tested.data, { accepted: true, status: 204, error: null });
const types = received.map((message) => (message as { type: string }).type);
assert.deepEqual(types, ["endpoint.test", "endpoint.test"]);
await client.DELETE("/v1/endpoints/{endpoint}", { params });
server.close();
console.log("told");
