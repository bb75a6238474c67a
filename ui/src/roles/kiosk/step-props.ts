import type { KioskView } from "../../bindings";
import type { Look } from "./look.svelte";
import type { Session } from "./session.svelte";

/** What every screen of the kiosk is given. */
export type StepProps = { session: Session; look: Look; view: KioskView | null; leave: () => void };
