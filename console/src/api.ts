// Keel's HTTP API as this page uses it: docs/api.md.

export interface Problem {
  status: number;
  code: string;
  detail: string;
}

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
  }
}

export interface StreamEvent {
  id: string;
  type: string;
  data: unknown;
}

async function problemOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as Partial<Problem>;
  return new ApiError({
    status: response.status,
    code: body.code ?? String(response.status),
    detail: body.detail ?? response.statusText,
  });
}

export class Api {
  constructor(private readonly token: string) {}

  private async open(path: string, signal?: AbortSignal): Promise<Response> {
    const response = await fetch(path, { headers: { Authorization: `Bearer ${this.token}` }, signal: signal ?? null });
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  async json<T>(path: string, signal?: AbortSignal): Promise<T> {
    return (await (await this.open(path, signal)).json()) as T;
  }

  // With the journal's position that the answer is of: events after it are what came since.
  async jsonAt<T>(path: string, signal?: AbortSignal): Promise<{ value: T; position: string }> {
    const response = await this.open(path, signal);
    return { value: (await response.json()) as T, position: response.headers.get("Keel-Position") ?? "end" };
  }

  async text(path: string, signal?: AbortSignal): Promise<string> {
    return (await this.open(path, signal)).text();
  }

  // Server-sent events, read by fetch because EventSource cannot send a token. Ends when the server ends the stream.
  async *events(path: string, signal: AbortSignal): AsyncGenerator<StreamEvent> {
    const reader = (await this.open(path, signal)).body!.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop()!;
      for (const block of blocks) {
        const event = readEvent(block);
        if (event !== null) yield event;
      }
    }
  }
}

function readEvent(block: string): StreamEvent | null {
  let [id, type, data] = ["", "message", ""];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const value = line.slice(colon + 1).replace(/^ /, "");
    switch (line.slice(0, colon)) {
      case "id": id = value; break;
      case "event": type = value; break;
      case "data": data += value; break;
    }
  }
  return data === "" ? null : { id, type, data: JSON.parse(data) };
}
