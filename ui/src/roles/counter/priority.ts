import type { Key } from "../../texts";

const KEYS: Record<string, Key> = {
  elderly: "kiosk.priority.elderly", disabled: "kiosk.priority.disabled", pregnant: "kiosk.priority.pregnant",
  child: "kiosk.priority.child", merit: "kiosk.priority.merit",
};

/** The words of a priority group; a group that this page does not know is still called a priority. */
export function priorityKey(priority: string): Key {
  return KEYS[priority] ?? "counter.priority";
}
