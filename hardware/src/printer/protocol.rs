//! ESC/POS, the way out: from drawn pieces to the bytes of a job. Pure.

use super::canvas::Canvas;
use super::compact;
use super::native::NativeText;
use super::profile::{Cut, Encoding, Profile};
use super::raster::Piece;

const ESC: u8 = 0x1B;
const GS: u8 = 0x1D;
const DLE: u8 = 0x10;

/// Rows of one `GS v 0`. Short, so that what a torn job may still swallow is bounded.
pub const BAND_ROWS: usize = 64;
/// The text of the largest QR code, with the command that stores it.
const LONGEST_CODE_BYTES: usize = 2953 + 8;
/// Blank rows worth skipping by feeding.
const SKIP_ROWS: usize = 8;

/// `ESC @`: back to the settings of power-on.
pub const INITIALISE: [u8; 2] = [ESC, b'@'];
/// `GS a 15`: report drawer, line, errors and roll by itself, now and at each change.
pub const ENABLE_ASB: [u8; 3] = [GS, b'a', 0x0F];
/// `GS r 1`: the roll sensor, answered in turn among the data, hence after everything before it.
pub const PAPER_SENSOR: [u8; 3] = [GS, b'r', 1];
/// `DLE DC4 8`: drop everything that waits in the printer's buffers.
pub const CLEAR_BUFFER: [u8; 10] = [DLE, 0x14, 8, 1, 3, 20, 1, 6, 2, 8];
/// `DLE ENQ 2`: recover from an error and drop what waits.
pub const RECOVER: [u8; 3] = [DLE, 0x05, 2];

/// Sent before anything else where a job may have been torn: a printer that waits for the sizes of a raster would take the next question's bytes
/// for them, and then wait for megabytes; NULs make it a raster of no size. To a printer that waits for nothing they mean nothing.
pub const GUARD: [u8; 8] = [0; 8];

/// `DLE EOT n`.
#[must_use]
pub const fn real_time_query(n: u8) -> [u8; 3] {
    [DLE, 0x04, n]
}

/// All four real-time questions; the answers come in this order.
#[must_use]
pub fn all_real_time_queries() -> Vec<u8> {
    (1..=4).flat_map(real_time_query).collect()
}

/// The bytes that bring a printer whose last job may be torn back to an empty buffer and a clean edge of paper: clear the buffers, fill up
/// the raster that may still be waiting for its dots (NULs print nothing and mean nothing), initialise, and cut off the remains.
#[must_use]
pub fn resync(profile: &Profile) -> Vec<u8> {
    let mut bytes = CLEAR_BUFFER.to_vec();
    bytes.resize(bytes.len() + longest_command(profile), 0);
    bytes.extend(INITIALISE);
    cut(&mut bytes, profile);
    bytes
}

/// The bytes that make a clean edge of paper before a job, where what hangs out may be another's: initialise, and cut it off. Nothing is cleared.
#[must_use]
pub fn clean_edge(profile: &Profile) -> Vec<u8> {
    let mut bytes = INITIALISE.to_vec();
    cut(&mut bytes, profile);
    bytes
}

/// The same where the printer may be in the midst of a command and cannot say: NULs complete it first.
#[must_use]
pub fn complete_and_clean_edge(profile: &Profile) -> Vec<u8> {
    let mut bytes = vec![0; longest_command(profile)];
    bytes.extend(clean_edge(profile));
    bytes
}

/// NULs that complete whatever command of a torn job still waits for its bytes: the dots of a raster, the text of a code, the columns of a letter.
#[must_use]
pub const fn longest_command(profile: &Profile) -> usize {
    // Letters that are being defined take a NUL each, once the one under way is complete.
    let raster = BAND_ROWS * (profile.width_dots / 8) as usize;
    if raster > LONGEST_CODE_BYTES { raster } else { LONGEST_CODE_BYTES }
}

/// `GS ( H`: say this name once all before it is processed.
#[must_use]
pub fn confirm(tag: [u8; 4]) -> Vec<u8> {
    let mut bytes = vec![GS, b'(', b'H', 6, 0, 48, 48];
    bytes.extend(tag);
    bytes
}

/// A whole job: initialise, the pieces, the cut, and (where the profile has it) the request to confirm `tag` once all is processed.
#[must_use]
pub fn job(pieces: &[Piece], profile: &Profile, tag: [u8; 4]) -> Vec<u8> {
    job_as(Encoding::Raster, pieces, profile, tag)
}

/// The same job in the encoding that its line wants.
#[must_use]
pub fn job_as(encoding: Encoding, pieces: &[Piece], profile: &Profile, tag: [u8; 4]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64 * 1024);
    bytes.extend(INITIALISE);
    match encoding {
        Encoding::Raster => pieces.iter().for_each(|piece| match piece {
            Piece::Dots(canvas) => dots(&mut bytes, canvas),
            Piece::NativeQr { text, module_dots, .. } => native_qr(&mut bytes, text, *module_dots),
            Piece::NativeText(text) => native_text(&mut bytes, text),
        }),
        Encoding::Compact => compact::pieces(&mut bytes, pieces, profile.takes()),
    }
    cut(&mut bytes, profile);
    if profile.confirms_by_process_id {
        bytes.extend(confirm(tag));
    }
    bytes
}

/// Four printable bytes that name a job to the printer. Consecutive numbers have different names for 78 million jobs.
#[must_use]
pub fn tag(number: u32) -> [u8; 4] {
    let mut rest = number;
    [0; 4].map(|_: u8| {
        let digit = rest % 94;
        rest /= 94;
        0x21 + digit as u8
    })
}

fn dots(bytes: &mut Vec<u8>, canvas: &Canvas) {
    let rows: Vec<&[u8]> = canvas.rows().collect();
    let mut at = 0;
    while at < rows.len() {
        let blank = rows[at..].iter().take_while(|row| is_blank(row)).count();
        if blank >= SKIP_ROWS || at + blank == rows.len() {
            feed(bytes, blank);
            at += blank;
        } else {
            let height = band_height(&rows[at..]);
            band(bytes, &rows[at..at + height]);
            at += height;
        }
    }
}

/// Rows up to the next blank stretch that is worth skipping, at most a band.
fn band_height(rows: &[&[u8]]) -> usize {
    let limit = rows.len().min(BAND_ROWS);
    let ends = |at: &usize| {
        let rest = &rows[*at..];
        rest.len() >= SKIP_ROWS && rest[..SKIP_ROWS].iter().all(|row| is_blank(row))
    };
    (1..limit).find(ends).unwrap_or(limit)
}

fn is_blank(row: &[u8]) -> bool {
    row.iter().all(|byte| *byte == 0)
}

/// `GS v 0`, cropped at the right to the ink.
fn band(bytes: &mut Vec<u8>, rows: &[&[u8]]) {
    let inked = |row: &&[u8]| row.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let width = rows.iter().map(inked).max().unwrap_or(0).max(1);
    bytes.extend([GS, b'v', b'0', 0]);
    bytes.extend((width as u16).to_le_bytes());
    bytes.extend((rows.len() as u16).to_le_bytes());
    for row in rows {
        bytes.extend(&row[..width]);
    }
}

/// `ESC J`, as often as needed.
pub(super) fn feed(bytes: &mut Vec<u8>, mut rows: usize) {
    while rows > 0 {
        let step = rows.min(255);
        bytes.extend([ESC, b'J', step as u8]);
        rows -= step;
    }
}

/// `ESC $`: where the next thing on the line begins, in dots.
pub(super) fn set_position(bytes: &mut Vec<u8>, x: usize) {
    bytes.extend([ESC, b'$']);
    bytes.extend((x as u16).to_le_bytes());
}

fn cut(bytes: &mut Vec<u8>, profile: &Profile) {
    feed(bytes, usize::from(profile.head_to_cutter_dots));
    match profile.cut {
        Cut::Full => bytes.extend([GS, b'V', 0]),
        Cut::Partial => bytes.extend([GS, b'V', 1]),
        Cut::None => {}
    }
}

/// `GS ( k`: model 2, module size, error correction M, store, print; centred.
pub(super) fn native_qr(bytes: &mut Vec<u8>, text: &str, module_dots: u8) {
    let command = |function: u8, parameters: &[u8]| {
        let length = (parameters.len() + 2) as u16;
        let mut command = vec![GS, b'(', b'k'];
        command.extend(length.to_le_bytes());
        command.extend([49, function]);
        command.extend(parameters);
        command
    };
    bytes.extend([ESC, b'a', 1]);
    bytes.extend(command(65, &[50, 0]));
    bytes.extend(command(67, &[module_dots.min(16)]));
    bytes.extend(command(69, &[49]));
    let mut data = vec![48];
    data.extend(text.as_bytes());
    bytes.extend(command(80, &data));
    bytes.extend(command(81, &[48]));
    bytes.extend([ESC, b'a', 0]);
}

/// A line of the printer's own letters, enlarged (`GS !`); it takes exactly the height of its cells.
pub(super) fn native_text(bytes: &mut Vec<u8>, text: &NativeText) {
    set_position(bytes, text.left_dots);
    if text.bold {
        bytes.extend([ESC, b'E', 1]);
    }
    let times = |times: usize| (times.clamp(1, 8) - 1) as u8;
    bytes.extend([GS, b'!', times(text.times_wide) << 4 | times(text.times_high)]);
    bytes.extend(text.text.bytes());
    feed(bytes, text.height_dots());
    bytes.extend([GS, b'!', 0]);
    if text.bold {
        bytes.extend([ESC, b'E', 0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn profile() -> Profile {
        Profile::named("generic-80mm").unwrap()
    }

    #[test]
    fn a_job_begins_clean_and_ends_with_its_confirmation() {
        let mut canvas = Canvas::new(576);
        canvas.ink_rectangle(8, 20, 8, 2);
        let bytes = job(&[Piece::Dots(canvas)], &profile(), *b"abcd");
        let expected = [
            &[0x1B, b'@', 0x1B, b'J', 20][..],
            &[0x1D, b'v', b'0', 0, 2, 0, 2, 0, 0, 0xFF, 0, 0xFF],
            &[0x1B, b'J', 112, 0x1D, b'V', 1],
            &[0x1D, b'(', b'H', 6, 0, 0x30, 0x30, b'a', b'b', b'c', b'd'],
        ];
        assert_eq!(bytes, expected.concat());
    }

    #[test]
    fn tall_ink_is_cut_into_bands_and_long_blanks_are_fed() {
        let mut canvas = Canvas::new(576);
        canvas.ink_rectangle(0, 0, 8, 100);
        canvas.grow(500);
        let bytes = job(&[Piece::Dots(canvas)], &profile(), *b"abcd");
        let heights: Vec<_> = bytes.windows(8).filter(|w| w.starts_with(b"\x1Dv0\0")).map(|w| w[6]).collect();
        assert_eq!(heights, [64, 36]);
        assert!(bytes.windows(6).any(|w| w == [0x1B, b'J', 255, 0x1B, b'J', 145]));
    }

    #[test]
    fn native_qr_lengths_count_their_bytes() {
        let mut bytes = Vec::new();
        native_qr(&mut bytes, &"x".repeat(300), 6);
        let store = bytes.windows(8).find(|w| w.starts_with(&[0x1D, b'(', b'k']) && w[6] == 80).unwrap();
        assert_eq!(u16::from_le_bytes([store[3], store[4]]), 303);
    }

    #[test]
    fn tags_are_printable_and_differ() {
        let tags: HashSet<_> = (0..10_000).map(tag).collect();
        assert_eq!(tags.len(), 10_000);
        assert!(tags.iter().flatten().all(|byte| (0x21..0x7F).contains(byte)));
    }

    #[test]
    fn resync_fills_the_largest_raster_that_may_be_waiting() {
        let bytes = resync(&profile());
        assert!(bytes.starts_with(&CLEAR_BUFFER));
        assert!(bytes.iter().filter(|byte| **byte == 0).count() >= BAND_ROWS * 72);
    }
}
