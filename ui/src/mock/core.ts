// Stands for "@tauri-apps/api/core": the commands of the station, answered by a centre that lives in the page.
import { Centre } from "./centre";
import { changed } from "./event";

declare global {
  interface Window {
    /** What a page test turns: the printer, the network, the cards. */
    __mock: Centre;
  }
}

const READS = new Set(["about", "kiosk_view", "counter_view", "board_view", "dock_view", "kiosk_ticket", "counter_quote", "counter_procedures", "counter_authority"]);
const centre = new Centre(new URLSearchParams(location.search));
window.__mock = centre;

export async function invoke<T>(command: string, args: Record<string, unknown> = {}): Promise<T> {
  const handler = (centre.commands as Record<string, (args: never) => unknown>)[command];
  if (!handler) throw new Error(`the mock has no command ${command}`);
  try {
    return structuredClone((await handler.call(centre.commands, args as never)) as T);
  } finally {
    if (!READS.has(command)) changed();
  }
}
