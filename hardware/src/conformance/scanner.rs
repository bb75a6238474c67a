//! The suite of scanners. Every check needs hands: someone holds a code before it.

use std::time::Duration;

use super::bench::{Bench, hex};
use super::{Check, Outcome, Step, Unmet};
use crate::scanner::protocol::Framer;

/// After so long a silence a code is whole.
const SILENCE: Duration = Duration::from_millis(150);
/// What an identity card's code may hold: all that a keyboard in between would spoil.
const VIETNAMESE: &str = "Nguyễn Thị Mẫu|Phố Hàng Trống, Hoàn Kiếm|ẰẴỆỘỮỴĐ";

pub(super) const SUITE: &[Check] = &[
    Check {
        id: "whole",
        proves: "a code arrives byte for byte, once",
        reference: "serial mode, no keyboard",
        needs: &[],
        run: |bench| scan(bench, "MOTCUA:A105:0123456789").map(|bytes| hex(&bytes)),
    },
    Check {
        id: "vietnamese",
        proves: "Vietnamese arrives as UTF-8",
        reference: "code page of the scanner's settings",
        needs: &["whole"],
        run: |bench| scan(bench, VIETNAMESE).map(|bytes| format!("{} bytes", bytes.len())),
    },
    Check {
        id: "terminator",
        proves: "the end of a code is told, not guessed from silence",
        reference: "CR, LF or CRLF after the code",
        needs: &["whole"],
        run: terminator,
    },
    Check {
        id: "long",
        proves: "a code of 300 letters arrives whole",
        reference: "no limit below a card's code",
        needs: &["whole"],
        run: |bench| scan(bench, &"A105-".repeat(60)).map(|bytes| format!("{} bytes", bytes.len())),
    },
];

/// Asks for a code, and gives the bytes that came, when they say just this.
fn scan(bench: &mut Bench<'_>, text: &str) -> Result<Vec<u8>, Unmet> {
    let mut line = bench.open()?;
    bench.please(&Step::Scan(text.to_owned()))?;
    let mut bytes = line.read(bench.hands_within, |read| !read.is_empty())?;
    loop {
        let more = line.read(SILENCE, |read| !read.is_empty())?;
        if more.is_empty() {
            break;
        }
        bytes.extend(more);
    }
    let mut framer = Framer::new();
    let mut codes = framer.push(&bytes);
    codes.extend(framer.silence());
    match &codes[..] {
        [Ok(code)] if code == text => Ok(bytes),
        _ => Err(Unmet::Failed(format!("{} bytes arrived, {} codes: {}", bytes.len(), codes.len(), hex(&bytes)))),
    }
}

fn terminator(bench: &mut Bench<'_>) -> Outcome {
    let bytes = scan(bench, "A105")?;
    match bytes.last() {
        Some(b'\r' | b'\n') => Ok(hex(&bytes)),
        _ => Err(Unmet::Failed(format!("no CR or LF: {}", hex(&bytes)))),
    }
}
