import { expect, test } from "vitest";
import type { DeviceView, SyncView } from "../../bindings";
import { deviceLight, deviceProblem, syncProblem } from "./words";

const device = (more: Partial<DeviceView>): DeviceView => ({ id: "p", kind: "ticket_printer", label: { vi: "Máy in", en: "Printer" }, state: "ready", known: "reported", since: 0, problem: null, ...more });
const sync = (more: Partial<SyncView>): SyncView => ({ online: true, since: Date.UTC(2026, 10, 23, 1, 42), synced_at: null, waiting: 0, last_receipt: null, problem: null, codes_left: 1, clock_ahead_ms: null, ...more });

test.each([
  [{ state: "ready" }, "ok"], [{ state: "busy" }, "busy"], [{ state: "opening" }, "busy"], [{ state: "degraded" }, "warning"],
  [{ state: "blocked" }, "danger"], [{ state: "faulted" }, "danger"], [{ state: "absent" }, "off"],
  // Never a good light on what is only guessed at, or not understood.
  [{ state: "ready", known: "unknown" }, "warning"], [{ state: "something-new" }, "warning"],
])("a device that is %o has the light %s", (state, light) => {
  expect(deviceLight(device(state)).light).toBe(light);
});

test("a device's problem is told with its name", () => {
  expect(deviceProblem(device({ problem: { code: "PRINT-PAPER-OUT", params: {} } }), "Máy in kiốt 2")?.params["device"]).toBe("Máy in kiốt 2");
  expect(deviceProblem(device({}), "Máy in kiốt 2")).toBeNull();
});

test("offline says since when and how much waits", () => {
  expect(syncProblem(sync({}))).toBeNull();
  expect(syncProblem(sync({ online: false, waiting: 17 }))).toEqual({ code: "NET-CENTRE-DOWN", params: { since: "08:42", waiting: "17" } });
});
