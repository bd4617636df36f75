/** Client of the Caravan gateway. `generated/schema.ts` is made from its OpenAPI document; this file is not. */

import createClient, { type Client } from "openapi-fetch";

import type { FlowView, paths, ProblemView } from "./generated/schema.ts";
import { readEvents, type CaravanEvent } from "./events.ts";

export type * from "./generated/schema.ts";
export { readEvents, type CaravanEvent } from "./events.ts";

/** The gateway refused. Programs go by `code`, which is stable; `message` is a sentence for people. */
export class ProblemError extends Error {
  readonly problem: ProblemView;
  /** Seconds, where the gateway asks to come again. */
  readonly retryAfter: number | undefined;

  constructor(problem: ProblemView, retryAfter?: number) {
    super(problem.detail);
    this.name = "ProblemError";
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  get code(): string {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** What a list answers: `next_cursor` is null on the last page. */
export interface PageOf<Item> {
  items: Item[];
  next_cursor: string | null;
}

export interface EventsOptions {
  flow?: string;
  types?: string[];
  lastEventId?: string;
  signal?: AbortSignal;
}

export interface WaitOptions {
  seconds?: number;
  until?: readonly string[];
}

export interface Caravan {
  /** Every operation by its path: `api.GET("/api/v1/flows/{flow_id}", …)`. Give what it answers to `expect`. */
  api: Client<paths>;
  /** Every item of a list, page after page: `fetch` gets the cursor, undefined for the first page. */
  items<Item>(fetch: (cursor: string | undefined) => Promise<PageOf<Item>>): AsyncGenerator<Item>;
  /** As they happen, until aborted; a lost connection is taken up where it broke. Throws ProblemError. */
  events(options?: EventsOptions): AsyncGenerator<CaravanEvent>;
  /** Looks at the flow until it rests. Throws ProblemError. */
  wait(flowId: string, options?: WaitOptions): Promise<FlowView>;
}

export const AT_REST = ["completed", "failed", "cancelled", "waiting", "rolled_back"] as const;
const MILLISECONDS_BETWEEN_LOOKS = 1000;

interface Answered<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The value of a call. Throws ProblemError for everything else. */
export function expect<Data>(answered: Answered<Data>): Data {
  if (!answered.response.ok) {
    throw problemOf(answered.response, answered.error);
  }
  return answered.data as Data;
}

export function caravan(url: string, token: string): Caravan {
  const headers = { Authorization: `Bearer ${token}` };
  const api = createClient<paths>({ baseUrl: url, headers });

  async function* items<Item>(
    fetchPage: (cursor: string | undefined) => Promise<PageOf<Item>>,
  ): AsyncGenerator<Item> {
    let cursor: string | undefined;
    do {
      const page = await fetchPage(cursor);
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
  }

  async function* events(options: EventsOptions = {}): AsyncGenerator<CaravanEvent> {
    const where = new URL("/api/v1/events", url);
    if (options.flow) where.searchParams.set("flow", options.flow);
    if (options.types) where.searchParams.set("types", options.types.join(","));
    let last = options.lastEventId;
    while (!options.signal?.aborted) {
      try {
        const asked = { ...headers, Accept: "text/event-stream", ...(last ? { "Last-Event-ID": last } : {}) };
        const response = await fetch(where, { headers: asked, signal: options.signal ?? null });
        if (!response.ok) throw problemOf(response, await response.json().catch(() => undefined));
        if (!response.body) return;
        for await (const event of readEvents(response.body, last)) {
          last = event.id;
          if (event.data !== undefined) yield event;
        }
      } catch (error) {
        if (options.signal?.aborted) return;
        if (error instanceof ProblemError && error.status !== 503) throw error;
        await pause(MILLISECONDS_BETWEEN_LOOKS);
      }
    }
  }

  async function wait(flowId: string, options: WaitOptions = {}): Promise<FlowView> {
    const { seconds = 3600, until = AT_REST } = options;
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const flow = expect(await api.GET("/api/v1/flows/{flow_id}", { params: { path: { flow_id: flowId } } }));
      if (until.includes(flow.status ?? "")) return flow;
      if (Date.now() > deadline) throw new Error(`The flow is ${flow.status} after ${seconds} seconds.`);
      await pause(MILLISECONDS_BETWEEN_LOOKS);
    }
  }

  return { api, items, events, wait };
}

/** The body of `POST /api/v1/uploads`: `api.POST("/api/v1/uploads", upload(file, name))`. */
export function upload(file: Blob, name: string) {
  return {
    body: { file: name },
    bodySerializer: () => {
      const form = new FormData();
      form.append("file", file, name);
      return form;
    },
  };
}

function problemOf(response: Response, body: unknown): ProblemError {
  const after = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const known = typeof body === "object" && body !== null && "code" in body;
  const problem = known ? (body as ProblemView) : unknownProblem(response);
  return new ProblemError(problem, Number.isNaN(after) ? undefined : after);
}

/** What a proxy on the way says in words of its own. */
function unknownProblem(response: Response): ProblemView {
  const detail = `The answer was ${response.status} ${response.statusText}.`;
  const { status } = response;
  return { type: "about:blank", title: "", status, detail, code: "unknown", pointer: null, trace_id: "" };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
