// How the person wants the screen to look. It goes when they go.

import type { Shape } from "../../design/size";

export const SCALES = [1, 1.25, 1.5] as const;

export class Look {
  scale: number = $state(1);
  contrast = $state(false);
  /** Body type in millimetres: a tall screen has the room to speak larger (design/roles.css). */
  type_mm = $state(7);
  /** Pixels for one millimetre of the layout; the window's size may change it. */
  px_per_mm = $state(3.78);

  setScale(scale: number) {
    this.scale = scale;
    document.documentElement.style.setProperty("--scale", String(scale));
  }

  setContrast(contrast: boolean) {
    this.contrast = contrast;
    document.documentElement.dataset["theme"] = contrast ? "contrast" : "light";
  }

  setSize(px_per_mm: number, shape: Shape) {
    this.px_per_mm = px_per_mm;
    this.type_mm = shape === "tall" ? 9 : 7;
  }

  reset() {
    this.setScale(1);
    this.setContrast(false);
  }
}
