//! Which of the eight masks of a QR code spoils its pattern least: the standard's penalties (ISO/IEC 18004, 7.8.3), counted a row at a time.

use qrcode::canvas::{Canvas, MaskPattern, Module};

const PATTERNS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];
/// Masks repeat after so many rows.
const PERIOD_ROWS: usize = 12;

/// A row of modules, the leftmost the lowest bit. The largest code has 177.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Row([u64; 3]);

impl Row {
    pub(super) fn is_set(self, x: usize) -> bool {
        self.0.get(x / 64).is_some_and(|word| word >> (x % 64) & 1 == 1)
    }

    fn from_fn(modules: usize, is_set: impl Fn(usize) -> bool) -> Self {
        let mut row = Self::default();
        for x in (0..modules.min(192)).filter(|x| is_set(*x)) {
            row.0[x / 64] |= 1 << (x % 64);
        }
        row
    }

    fn zip(self, other: Self, join: impl Fn(u64, u64) -> u64) -> Self {
        let ([a, b, c], [d, e, f]) = (self.0, other.0);
        Self([join(a, d), join(b, e), join(c, f)])
    }

    fn and(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    fn or(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    fn xor(self, other: Self) -> Self {
        self.zip(other, |a, b| a ^ b)
    }

    fn and_not(self, other: Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    /// Moved left by fewer than 64 modules.
    fn left(self, by: u32) -> Self {
        if by == 0 {
            return self;
        }
        let [a, b, c] = self.0;
        Self([a >> by | b << (64 - by), b >> by | c << (64 - by), c >> by])
    }

    fn right(self) -> Self {
        let [a, b, c] = self.0;
        Self([a << 1, b << 1 | a >> 63, c << 1 | b >> 63])
    }

    fn count(self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }
}

/// The dark modules, row by row.
pub(super) fn rows(canvas: &Canvas, modules: usize) -> Vec<Row> {
    (0..modules).map(|y| Row::from_fn(modules, |x| canvas.get(x as i16, y as i16).is_dark())).collect()
}

/// The mask with the least penalty for a code of level M whose data is not masked yet.
pub(super) fn best(unmasked: &Canvas, modules: usize) -> MaskPattern {
    let (dark, data) = (rows(unmasked, modules), data(unmasked, modules));
    let penalty = |pattern: &MaskPattern| penalty(&masked(&dark, &data, *pattern, modules), modules);
    PATTERNS.into_iter().min_by_key(penalty).unwrap_or(MaskPattern::Checkerboard)
}

/// The modules that a mask may turn over.
fn data(unmasked: &Canvas, modules: usize) -> Vec<Row> {
    let is_data = |x: usize, y: usize| !matches!(unmasked.get(x as i16, y as i16), Module::Masked(_));
    (0..modules).map(|y| Row::from_fn(modules, |x| is_data(x, y))).collect()
}

fn masked(dark: &[Row], data: &[Row], pattern: MaskPattern, modules: usize) -> Vec<Row> {
    let period: [Row; PERIOD_ROWS] = std::array::from_fn(|y| Row::from_fn(modules, |x| inverts(pattern, x, y)));
    let rows = dark.iter().zip(data).enumerate();
    let mut rows: Vec<Row> = rows.map(|(y, (dark, data))| dark.xor(data.and(period[y % PERIOD_ROWS]))).collect();
    for (x, y) in named_at(pattern, modules) {
        rows[y].0[x / 64] |= 1 << (x % 64);
    }
    rows
}

/// The dark ones of the modules that name level M and a mask, twice (ISO/IEC 18004, 7.9).
fn named_at(pattern: MaskPattern, modules: usize) -> impl Iterator<Item = (usize, usize)> {
    let data = (pattern as u32) << 10;
    let remainder =
        (10..15).rev().fold(data, |rest, bit| if rest >> bit & 1 == 1 { rest ^ 0x537 << (bit - 10) } else { rest });
    let name = (data | remainder) ^ 0x5412;
    let end = modules - 1;
    let first = (0..6).map(|x| (x, 8)).chain([(7, 8), (8, 8), (8, 7)]).chain((0..6).rev().map(|y| (8, y)));
    let second = (0..7).map(move |by| (8, end - by)).chain((0..8).map(move |by| (end - 7 + by, 8)));
    let is_dark = move |index: usize| name >> (14 - index) & 1 == 1;
    let dark = |places: Vec<(usize, usize)>| places.into_iter().enumerate().filter(move |(index, _)| is_dark(*index));
    dark(first.collect()).chain(dark(second.collect())).map(|(_, place)| place)
}

/// Whether a mask turns the module at (`x`, `y`) over.
fn inverts(pattern: MaskPattern, x: usize, y: usize) -> bool {
    match pattern {
        MaskPattern::Checkerboard => (x + y).is_multiple_of(2),
        MaskPattern::HorizontalLines => y.is_multiple_of(2),
        MaskPattern::VerticalLines => x.is_multiple_of(3),
        MaskPattern::DiagonalLines => (x + y).is_multiple_of(3),
        MaskPattern::LargeCheckerboard => (y / 2 + x / 3).is_multiple_of(2),
        MaskPattern::Fields => (x * y) % 2 + (x * y) % 3 == 0,
        MaskPattern::Diamonds => ((x * y) % 2 + (x * y) % 3).is_multiple_of(2),
        MaskPattern::Meadow => ((x + y) % 2 + (x * y) % 3).is_multiple_of(2),
    }
}

fn penalty(rows: &[Row], modules: usize) -> u32 {
    let inside = Row::from_fn(modules, |_| true);
    // A window across must not reach over the edge, where nothing is.
    let begins = Row::from_fn(modules, |x| x + FINDER.len() <= modules);
    let across: Vec<Row> = rows.iter().map(|row| inside.left(1).and_not(row.xor(row.left(1)))).collect();
    let below: Vec<Row> = rows.windows(2).map(|pair| inside.and_not(pair[0].xor(pair[1]))).collect();
    let mut total = balance(rows, modules);
    let mut five_above = Row::default();
    for (y, row) in rows.iter().enumerate() {
        let five = (1..4).fold(across[y], |five, by| five.and(across[y].left(by)));
        total += alike(five, five.right());
        let five =
            below.get(y..y + 4).map_or(Row::default(), |four| four.iter().fold(inside, |all, row| all.and(*row)));
        total += alike(five, five_above);
        five_above = five;
        let square = below.get(y).map_or(Row::default(), |below| across[y].and(across[y + 1]).and(*below));
        total += 3 * square.count();
        total += 40 * finders(begins, |by| row.left(by as u32)).count();
        if let Some(down) = rows.get(y..y + FINDER.len()) {
            total += 40 * finders(inside, |by| down[by]).count();
        }
    }
    total
}

/// Five alike in a line cost three, each further one costs one: one for each window of five, and two where a line of them begins.
fn alike(five: Row, before: Row) -> u32 {
    five.count() + 2 * five.and_not(before).count()
}

/// Dark, light, three dark, light, dark, and four light: what a reader may take for a corner.
const FINDER: [bool; 11] = [true, false, true, true, true, false, true, false, false, false, false];

/// Where that begins, either way round; `module` gives the row or column so many modules on.
fn finders(begins: Row, module: impl Fn(usize) -> Row) -> Row {
    let found = |dark: &dyn Fn(usize) -> bool| {
        (0..FINDER.len()).fold(
            begins,
            |found, by| {
                if dark(by) { found.and(module(by)) } else { found.and_not(module(by)) }
            },
        )
    };
    found(&|by| FINDER[by]).or(found(&|by| FINDER[FINDER.len() - 1 - by]))
}

/// How far dark modules are off one half, in half percents.
fn balance(rows: &[Row], modules: usize) -> u32 {
    let dark = rows.iter().map(|row| row.count() as usize).sum::<usize>();
    (dark * 200 / (modules * modules).max(1)).abs_diff(100) as u32
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
