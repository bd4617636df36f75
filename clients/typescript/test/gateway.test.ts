/** Against a running gateway: CARAVAN_URL, CARAVAN_TOKEN, INVENTORY. tests/clients starts one and runs this. */

import assert from "node:assert/strict";
import { openAsBlob } from "node:fs";
import { basename } from "node:path";
import { env } from "node:process";
import { before, test } from "node:test";

import { caravan, expect, ProblemError, upload, type FlowView } from "../src/index.ts";

const needed = (name: string): string => env[name] ?? assert.fail(`${name} is not set`);
const { api, items, events, wait } = caravan(needed("CARAVAN_URL"), needed("CARAVAN_TOKEN"));
const inventory = needed("INVENTORY");
const nowhere = { path: { flow_id: "00000000-0000-7000-8000-000000000000" } };
let flow: FlowView;

before(async () => {
  const delivered = expect(await api.POST("/api/v1/uploads", upload(await openAsBlob(inventory), basename(inventory))));
  assert.match(delivered.sha256, /^[0-9a-f]{64}$/);
  const body = {
    flow_type: "discovery",
    name: "by TypeScript",
    configuration: { uploads: [delivered.upload_id] },
    auto_accept: true,
  };
  const once = { params: { header: { "idempotency-key": "typescript-1" } }, body };
  flow = expect(await api.POST("/api/v1/flows", once));
  const again = await api.POST("/api/v1/flows", once);
  assert.equal(expect(again).id, flow.id);
  assert.equal(again.response.headers.get("Idempotent-Replayed"), "true");
  flow = await wait(flow.id, { seconds: 150 });
  const assets = { params: { query: { estate: flow.id, limit: 1 } } };
  // The table of assets follows the flow's end.
  while (expect(await api.GET("/api/v1/assets", assets)).items.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
});

test("a flow is waited for to its end", () => {
  assert.equal(flow.status, "completed");
});

test("events are followed from the one seen last, and an abort ends it", async () => {
  const path = { flow_id: flow.id };
  const kept = expect(await api.GET("/api/v1/flows/{flow_id}/events", { params: { path, query: { limit: 500 } } }));
  const first = kept.items[0] ?? assert.fail("the flow has no event");
  const stop = new AbortController();
  const seen: unknown[] = [];
  for await (const event of events({ flow: flow.id, lastEventId: first.id, signal: stop.signal })) {
    seen.push(event.data?.["sequence"]);
    if (event.type === "caravan.flow.completed") stop.abort();
  }
  assert.deepEqual(seen, kept.items.slice(1, seen.length + 1).map((event) => event.sequence));
});

test("every page of the assets is walked", async () => {
  const query = { estate: flow.id, limit: 3 };
  const page = async (cursor: string | undefined) =>
    expect(await api.GET("/api/v1/assets", { params: { query: cursor ? { ...query, cursor } : query } }));
  const ids = new Set<string>();
  for await (const asset of items(page)) ids.add(asset.id);
  const all = expect(await api.GET("/api/v1/assets", { params: { query: { ...query, limit: 500 } } }));
  assert.ok(ids.size > 3);
  assert.equal(ids.size, all.items.length);
});

test("a rollback is planned, and changes nothing", async () => {
  const path = { flow_id: flow.id };
  const answered = await api.POST("/api/v1/flows/{flow_id}/rollbacks:plan", { params: { path }, body: { kind: "flow" } });
  const plan = expect(answered);
  assert.deepEqual(plan.flows, [flow.id]);
  assert.ok(plan.datasets.length > 0);
  assert.equal(expect(await api.GET("/api/v1/flows/{flow_id}", { params: { path } })).etag, flow.etag);
});

test("a problem is an error with its code", async () => {
  const asked = await api.GET("/api/v1/flows/{flow_id}", { params: nowhere });
  assert.throws(
    () => expect(asked),
    (error) => error instanceof ProblemError && error.code === "not_found" && error.status === 404,
  );
});

test("a stranger's token is a problem also of the stream", async () => {
  const stranger = caravan(needed("CARAVAN_URL"), "nobody");
  await assert.rejects(stranger.events().next(), { name: "ProblemError", code: "invalid_token" });
});
