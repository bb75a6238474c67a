//! From a scanner's byte stream to codes. Pure; total.

use crate::status::Fault;

/// The longest code that is read. A QR code holds less than 3 kB.
pub const MAX_CODE_BYTES: usize = 4096;

const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const BOM: &[u8] = &[0xEF, 0xBB, 0xBF];

/// Cuts a byte stream into codes. A code ends with CR, LF, CRLF, ETX, or with silence, which its user tells by [`Framer::silence`].
#[derive(Clone, Debug, Default)]
pub struct Framer {
    waiting: Vec<u8>,
    too_long: bool,
}

impl Framer {
    /// A framer between two codes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes as they arrive; gives the codes that they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Result<String, Fault>> {
        let mut codes = Vec::new();
        for byte in bytes {
            if matches!(byte, b'\r' | b'\n' | &ETX) {
                codes.extend(self.end());
            } else if self.waiting.len() < MAX_CODE_BYTES {
                self.waiting.push(*byte);
            } else {
                self.too_long = true;
            }
        }
        codes
    }

    /// Nothing arrived for a while: what waits is a code.
    pub fn silence(&mut self) -> Option<Result<String, Fault>> {
        self.end()
    }

    /// Whether bytes wait for their end.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn end(&mut self) -> Option<Result<String, Fault>> {
        let bytes = std::mem::take(&mut self.waiting);
        if std::mem::take(&mut self.too_long) {
            return Some(Err(Fault::ScanTooLong));
        }
        let code = bare(&bytes);
        (!code.is_empty()).then(|| String::from_utf8(code.to_vec()).map_err(|_| Fault::ScanEncoding))
    }
}

/// Without STX, BOM and AIM prefix, in whatever order a scanner puts them.
fn bare(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [STX, after @ ..] => after,
            [b']', b'A'..=b'z', b'0'..=b'9', after @ ..] => after,
            _ if rest.starts_with(BOM) => &rest[BOM.len()..],
            _ => return rest,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Vec<Result<String, Fault>> {
        let mut framer = Framer::new();
        let mut codes = framer.push(bytes);
        codes.extend(framer.silence());
        codes
    }

    fn ok(text: &str) -> Result<String, Fault> {
        Ok(text.to_owned())
    }

    #[test]
    fn every_way_to_end_and_begin_a_code() {
        for bytes in [
            "Mẫu|1\r",
            "Mẫu|1\n",
            "Mẫu|1\r\n",
            "Mẫu|1",
            "]Q1Mẫu|1\r",
            "\u{2}Mẫu|1\u{3}",
            "\u{FEFF}Mẫu|1\r",
            "\u{2}]Q2\u{FEFF}Mẫu|1\u{3}\r\n",
        ] {
            assert_eq!(read(bytes.as_bytes()), [ok("Mẫu|1")], "{bytes:?}");
        }
        assert_eq!(read(b"one\r\ntwo\r\n\r\n"), [ok("one"), ok("two")]);
    }

    #[test]
    fn wrong_encodings_and_endless_codes_are_faults_and_the_next_code_is_read() {
        assert_eq!(read(b"Nguy\xEA\xDEn\rnext\r"), [Err(Fault::ScanEncoding), ok("next")]);
        let mut long = vec![b'x'; MAX_CODE_BYTES + 1];
        long.extend(b"\rnext\r");
        assert_eq!(read(&long), [Err(Fault::ScanTooLong), ok("next")]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            let mut framer = Framer::new();
            framer.push(&bytes);
            framer.silence();
            prop_assert_eq!(framer.push(b"after\r"), [ok("after")]);
        }

        #[test]
        fn any_cut_gives_the_same_codes(text in "[a-zđễ|0-9 ]{1,200}", cut: prop::sample::Index) {
            let bytes = format!("{text}\r\n").into_bytes();
            let at = cut.index(bytes.len());
            let mut framer = Framer::new();
            let mut codes = framer.push(&bytes[..at]);
            codes.extend(framer.push(&bytes[at..]));
            prop_assert_eq!(codes, [ok(&text)]);
        }
    }
}
