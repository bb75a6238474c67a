//! What the USB printer class (version 1.1) says in bytes. Pure and total.

use serde::Serialize;

/// The class of an interface that is a printer, and its only subclass.
pub const CLASS: u8 = 7;
/// As [`CLASS`].
pub const SUBCLASS: u8 = 1;
/// Bytes go to the printer only.
pub const ONE_WAY: u8 = 1;
/// Bytes go both ways.
pub const TWO_WAY: u8 = 2;
/// `GET_DEVICE_ID`.
pub const GET_DEVICE_ID: u8 = 0;
/// `GET_PORT_STATUS`.
pub const GET_PORT_STATUS: u8 = 1;

/// The answer to `GET_PORT_STATUS`, the three lines of a parallel port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PortStatus {
    /// The paper is said to be out.
    pub paper_empty: bool,
    /// The printer is said to be on line.
    pub selected: bool,
    /// The printer is said to have an error.
    pub error: bool,
}

impl PortStatus {
    /// Reads the byte: bit 5 paper empty, bit 4 selected, bit 3 *no* error.
    #[must_use]
    pub const fn of(byte: u8) -> Self {
        Self { paper_empty: byte & 0x20 != 0, selected: byte & 0x10 != 0, error: byte & 0x08 == 0 }
    }
}

/// What a printer says of itself (IEEE 1284), as far as it says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DeviceId {
    /// `MFG` or `MANUFACTURER`.
    pub maker: Option<String>,
    /// `MDL` or `MODEL`.
    pub model: Option<String>,
    /// `SN` or `SERN`.
    pub serial: Option<String>,
    /// `CMD` or `COMMAND SET`: the languages that it speaks.
    pub commands: Option<String>,
}

impl DeviceId {
    /// Reads the answer to `GET_DEVICE_ID`: a length of two bytes, then `KEY:value;` pairs. A wrong length, which is common, is overlooked.
    #[must_use]
    pub fn parse(answer: &[u8]) -> Self {
        let text = String::from_utf8_lossy(answer.get(2..).unwrap_or_default());
        let pair = |part: &str| {
            let (key, value) = part.split_once(':')?;
            let value = value.trim_matches(|letter: char| letter.is_whitespace() || letter == '\0');
            (!value.is_empty()).then(|| (key.trim().to_ascii_uppercase(), value.to_owned()))
        };
        let mut id = Self::default();
        for (key, value) in text.split(';').filter_map(pair) {
            let place = match key.as_str() {
                "MFG" | "MANUFACTURER" => &mut id.maker,
                "MDL" | "MODEL" => &mut id.model,
                "SN" | "SERN" | "SERIALNUMBER" => &mut id.serial,
                "CMD" | "COMMAND SET" => &mut id.commands,
                _ => continue,
            };
            place.get_or_insert(value);
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_port_says_three_things() {
        for (byte, paper_empty, selected, error) in [
            (0x18, false, true, false),
            (0x38, true, true, false),
            (0x10, false, true, true),
            (0x00, false, false, true),
        ] {
            assert_eq!(PortStatus::of(byte), PortStatus { paper_empty, selected, error }, "{byte:02x}");
        }
    }

    #[test]
    fn a_device_id_is_read_whatever_its_length_says() {
        let id = |text: &str| DeviceId::parse(&[&[0, 9], text.as_bytes()].concat());
        let whole = id("MFG:EPSON;CMD:ESC/POS;MDL:TM-T82III;CLS:PRINTER;DES:EPSON TM-T82III;SN: X3 ;");
        assert_eq!(whole.maker.as_deref(), Some("EPSON"));
        assert_eq!(whole.model.as_deref(), Some("TM-T82III"));
        assert_eq!(whole.serial.as_deref(), Some("X3"));
        assert_eq!(whole.commands.as_deref(), Some("ESC/POS"));
        let long = id("MANUFACTURER:A;model:B\0\0");
        assert_eq!((long.maker.as_deref(), long.model.as_deref()), (Some("A"), Some("B")));
        assert_eq!(id("MFG:;MDL"), DeviceId::default());
        assert_eq!(DeviceId::parse(&[0]), DeviceId::default());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = DeviceId::parse(&bytes);
        }
    }
}
