import { useEffect, useState } from "preact/hooks";

export interface Polled<T> {
  value: T | null;
  error: Error | null;
}

// Asks again and again while the page is seen, one question at a time.
export function usePolled<T>(ask: (signal: AbortSignal) => Promise<T>, everyMs: number, deps: unknown[]): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({ value: null, error: null });
  useEffect(() => {
    const ending = new AbortController();
    const loop = async () => {
      while (!ending.signal.aborted) {
        if (document.visibilityState === "visible") {
          try {
            const value = await ask(ending.signal);
            if (!ending.signal.aborted) setPolled({ value, error: null });
          } catch (error) {
            if (!ending.signal.aborted) setPolled((before) => ({ ...before, error: error as Error }));
          }
        }
        await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
    };
    void loop();
    return () => ending.abort();
  }, deps);
  return polled;
}
