use proptest::prelude::*;
use qrcode::{EcLevel, QrCode, bits, ec};

use super::*;

fn unmasked(text: &[u8]) -> (Canvas, usize) {
    let bits = bits::encode_auto(text, EcLevel::M).unwrap();
    let version = bits.version();
    let modules = version.width() as usize;
    let (data, correction) = ec::construct_codewords(&bits.into_bytes(), version, EcLevel::M).unwrap();
    let mut canvas = Canvas::new(version, EcLevel::M);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    (canvas, modules)
}

/// The standard's words, a module at a time.
fn penalty_by_module(rows: &[Row], modules: usize) -> u32 {
    let dark = |x: usize, y: usize| rows[y].is_set(x);
    let mut total = balance(rows, modules);
    for line in 0..modules {
        for module in [&(|at| dark(at, line)) as &dyn Fn(usize) -> bool, &|at| dark(line, at)] {
            let mut run = 1;
            for at in 1..=modules {
                if at < modules && module(at) == module(at - 1) {
                    run += 1;
                    continue;
                }
                total += if run >= 5 { run - 2 } else { 0 };
                run = 1;
            }
            for start in 0..(modules + 1).saturating_sub(11) {
                let window: Vec<bool> = (start..start + 11).map(module).collect();
                let backwards: Vec<bool> = window.iter().rev().copied().collect();
                total += if window == FINDER || backwards == FINDER { 40 } else { 0 };
            }
        }
    }
    for (x, y) in (1..modules).flat_map(|y| (1..modules).map(move |x| (x, y))) {
        let square = [dark(x, y), dark(x - 1, y), dark(x, y - 1), dark(x - 1, y - 1)];
        total += if square.iter().all(|module| *module == square[0]) { 3 } else { 0 };
    }
    total
}

#[test]
fn a_masked_code_is_the_one_that_the_library_would_draw_under_that_mask() {
    for text in ["A105", "MOTCUA:A105:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", &"chữ ký ".repeat(60)] {
        let (canvas, modules) = unmasked(text.as_bytes());
        for pattern in PATTERNS {
            let mut library = canvas.clone();
            library.apply_mask(pattern);
            let ours = masked(&rows(&canvas, modules), &data(&canvas, modules), pattern, modules);
            assert_eq!(ours, rows(&library, modules), "{pattern:?}");
        }
    }
}

#[test]
fn the_choice_is_never_worse_than_the_library_s() {
    for number in 0..40 {
        let text = format!("MC1:{number:04}:").repeat(1 + number % 16);
        let (mut canvas, modules) = unmasked(text.as_bytes());
        canvas.apply_mask(best(&canvas, modules));
        let library = QrCode::with_error_correction_level(&text, EcLevel::M).unwrap();
        let theirs: Vec<Row> = library
            .to_colors()
            .chunks(modules)
            .map(|row| Row::from_fn(modules, |x| row[x] == qrcode::Color::Dark))
            .collect();
        assert!(penalty(&rows(&canvas, modules), modules) <= penalty(&theirs, modules), "{text}");
    }
}

proptest! {
    #[test]
    fn a_row_at_a_time_counts_what_a_module_at_a_time_counts(modules in 1_usize..178, seed: [u64; 8]) {
        let rows: Vec<Row> = (0..modules)
            .map(|y| Row::from_fn(modules, |x| seed[(x * 31 + y * 17) % 8] >> ((x * 7 + y * 13) % 64) & 1 == 1))
            .collect();
        prop_assert_eq!(penalty(&rows, modules), penalty_by_module(&rows, modules));
    }
}
