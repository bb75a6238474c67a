// The words beside the lamps, and what a problem's sentence needs that only the page knows.
import type { DeviceView, Problem, SyncView } from "../../bindings";
import { clock } from "../../lib/time";
import type { Key } from "../../texts";

export type Light = "ok" | "busy" | "warning" | "danger" | "off";

const STATES: Record<string, { light: Light; word: Key }> = {
  absent: { light: "off", word: "counter.state.absent" },
  opening: { light: "busy", word: "counter.state.opening" },
  ready: { light: "ok", word: "counter.state.ready" },
  busy: { light: "busy", word: "counter.state.busy" },
  degraded: { light: "warning", word: "counter.state.degraded" },
  blocked: { light: "danger", word: "counter.state.blocked" },
  faulted: { light: "danger", word: "counter.state.faulted" },
};

/** The lamp of a device. A state that this page has never heard of is not shown as a good one. */
export function deviceLight(device: DeviceView): { light: Light; word: Key } {
  if (device.known === "unknown" && device.state === "ready") return { light: "warning", word: "counter.state.unknown" };
  return STATES[device.state] ?? { light: "warning", word: "counter.state.unknown" };
}

export function deviceProblem(device: DeviceView, label: string): Problem | null {
  return device.problem && { ...device.problem, params: { ...device.problem.params, device: label } };
}

/** Why the centre is not heard, with since when and how much waits. */
export function syncProblem(sync: SyncView): Problem | null {
  if (sync.online && !sync.problem) return null;
  const problem = sync.problem ?? { code: "NET-CENTRE-DOWN", params: {} };
  return { ...problem, params: { since: clock(sync.since), waiting: String(sync.waiting), ...problem.params } };
}
