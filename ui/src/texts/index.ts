// Every text of the pages stands in the files beside this one: <language>/<part>.json. The key is "<part>.<name>".
import viBoard from "./vi/board.json";
import viCommon from "./vi/common.json";
import viCounter from "./vi/counter.json";
import viDock from "./vi/dock.json";
import viKiosk from "./vi/kiosk.json";
import enBoard from "./en/board.json";
import enCommon from "./en/common.json";
import enCounter from "./en/counter.json";
import enDock from "./en/dock.json";
import enKiosk from "./en/kiosk.json";

const vi = { common: viCommon, kiosk: viKiosk, counter: viCounter, board: viBoard, dock: viDock };
const en = { common: enCommon, kiosk: enKiosk, counter: enCounter, board: enBoard, dock: enDock };

type Parts = typeof vi;
export type Key = { [P in keyof Parts]: `${P}.${keyof Parts[P] & string}` }[keyof Parts];
export type Texts = Record<Key, string>;

export const texts: { vi: Texts; en: Texts } = { vi: flat(vi), en: flat(en) };

function flat(parts: Record<string, Record<string, string>>): Texts {
  const entries = Object.entries(parts).flatMap(([part, names]) =>
    Object.entries(names).map(([name, text]) => [`${part}.${name}`, text]),
  );
  return Object.fromEntries(entries) as Texts;
}
