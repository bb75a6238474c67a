// Sizes are decided in millimetres of the real screen. A window smaller than any kiosk (the demo on a desk) is a picture of
// one: it is drawn to scale, so that its parts keep their places.

/** The shorter side, in millimetres, that the kiosk's screens are laid out for. */
export const KIOSK_SHORT_SIDE_MM = 190;

/** Pixels for one millimetre of the layout in a window of this size. */
export function pxPerMm(screen_px_per_mm: number, width_px: number, height_px: number): number {
  const real = screen_px_per_mm > 0 ? screen_px_per_mm : 96 / 25.4;
  const short_side = Math.min(width_px, height_px);
  return short_side > 0 ? Math.min(real, short_side / KIOSK_SHORT_SIDE_MM) : real;
}

/** What a screen has room for: `tall` is a standing kiosk's screen, `narrow` a small upright one, `wide` everything else. */
export type Shape = "tall" | "narrow" | "wide";

const TALL_WIDTH_MM = 320;

export function shapeOf(px_per_mm: number, width_px: number, height_px: number): Shape {
  if (width_px >= height_px) return "wide";
  return width_px / px_per_mm >= TALL_WIDTH_MM ? "tall" : "narrow";
}

/** Keeps `--mm` and the shape right while the window lives; the answer stops it. */
export function keepSize(screen_px_per_mm: number, onChange: (px_per_mm: number, shape: Shape) => void): () => void {
  const apply = () => {
    const mm = pxPerMm(screen_px_per_mm, window.innerWidth, window.innerHeight);
    document.documentElement.style.setProperty("--mm", `${mm}px`);
    const shape = shapeOf(mm, window.innerWidth, window.innerHeight);
    document.documentElement.dataset["shape"] = shape;
    onChange(mm, shape);
  };
  apply();
  window.addEventListener("resize", apply);
  return () => window.removeEventListener("resize", apply);
}
