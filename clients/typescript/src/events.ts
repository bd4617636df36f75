/** Server-sent events, line by line as the HTML standard has them. */

/** `id` is where to go on after it; `data` is the CloudEvent, undefined where the stream only said where it is. */
export interface CaravanEvent {
  id: string;
  type: string;
  data: Record<string, unknown> | undefined;
}

export async function* readEvents(
  stream: ReadableStream<Uint8Array>,
  lastId: string | undefined = "",
): AsyncGenerator<CaravanEvent> {
  let id = lastId;
  let type = "message";
  let data: string[] = [];
  let said = false;
  for await (const line of lines(stream)) {
    if (line === "") {
      if (said) yield { id, type, data: data.length > 0 ? JSON.parse(data.join("\n")) : undefined };
      [type, data, said] = ["message", [], false];
      continue;
    }
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "id") id = value;
    if (name === "event") type = value;
    if (name === "data") data.push(value);
    said ||= name === "id" || name === "data";
  }
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      yield* parts;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
