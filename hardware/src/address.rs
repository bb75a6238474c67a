//! Where a device is: an address that parses and prints the same.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The speed a serial line has when its address names none.
pub const DEFAULT_BAUD: u32 = 115_200;

/// Where a device is reached. Written `serial:/dev/ttyUSB0?baud=115200`, `tcp:127.0.0.1:9100`, `usb:04b8:0202:SERIAL`, `cups:QUEUE`,
/// `pcsc:READER NAME`, `sane:DEVICE`, `file:/dev/usb/lp0` or `emulator:NAME` (an emulator in this process, see
/// [`crate::emulator::registry`]).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// A serial line or a pty, by path (prefer `/dev/serial/by-id/...`, which survives re-plugging).
    Serial { path: PathBuf, baud: u32 },
    /// A TCP socket.
    Tcp { host: String, port: u16 },
    /// A USB device by the ids of its maker and model, and its serial number where several are alike. Never by port or bus.
    Usb { vendor: u16, product: u16, serial: Option<String> },
    /// A queue of the system's print spooler.
    Cups { queue: String },
    /// A card reader, by the name that the PC/SC service gives it.
    Pcsc { reader: String },
    /// A document scanner, by the name that SANE gives it.
    Sane { device: String },
    /// A file, a folder, or a write-only device node. Nothing is ever read back from it.
    File { path: PathBuf },
    /// An emulator that this process runs, by its name.
    Emulator { name: String },
}

impl Address {
    /// A TCP address.
    #[must_use]
    pub fn tcp(host: &str, port: u16) -> Self {
        Self::Tcp { host: host.to_owned(), port }
    }

    /// A serial line at the default speed.
    #[must_use]
    pub fn serial(path: impl Into<PathBuf>) -> Self {
        Self::Serial { path: path.into(), baud: DEFAULT_BAUD }
    }
}

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No `kind:` before the first colon, or one that is not known.
    #[error("`{0}` does not begin with serial:, tcp:, usb:, cups:, pcsc:, sane:, file: or emulator:")]
    UnknownKind(String),
    /// A scanner that types like a keyboard.
    #[error(
        "`{0}` is a keyboard: a scanner that types mangles Vietnamese letters. Set the scanner to serial mode (USB-CDC, by the setting code in \
         its manual) and write serial:/dev/serial/by-id/NAME"
    )]
    Keyboard(String),
    /// The part after the kind is empty.
    #[error("`{0}` names no place after the colon")]
    Empty(String),
    /// The port is missing or not a number from 1 to 65535.
    #[error("`{0}` has no port, or one that is not a number from 1 to 65535")]
    Port(String),
    /// The ids are not four hexadecimal digits each.
    #[error("`{0}` is not usb:VVVV:PPPP or usb:VVVV:PPPP:SERIAL, with four hexadecimal digits for maker and model")]
    UsbIds(String),
    /// `baud` is not a positive number, or a parameter is not known.
    #[error("`{0}` has a parameter other than baud=NUMBER")]
    Parameter(String),
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (kind, place) = text.split_once(':').ok_or_else(|| AddressError::UnknownKind(text.to_owned()))?;
        if ["keyboard", "wedge", "hid"].contains(&kind) || types_like_a_keyboard(place) {
            return Err(AddressError::Keyboard(text.to_owned()));
        }
        let known = ["serial", "tcp", "usb", "cups", "pcsc", "sane", "file", "emulator"].contains(&kind);
        if !known {
            return Err(AddressError::UnknownKind(text.to_owned()));
        }
        if place.is_empty() {
            return Err(AddressError::Empty(text.to_owned()));
        }
        match kind {
            "serial" => parse_serial(text, place),
            "tcp" => parse_tcp(text, place),
            "usb" => parse_usb(place).ok_or_else(|| AddressError::UsbIds(text.to_owned())),
            "cups" => Ok(Self::Cups { queue: place.to_owned() }),
            "pcsc" => Ok(Self::Pcsc { reader: place.to_owned() }),
            "sane" => Ok(Self::Sane { device: place.to_owned() }),
            "file" => Ok(Self::File { path: place.into() }),
            _ => Ok(Self::Emulator { name: place.to_owned() }),
        }
    }
}

/// Device nodes of keyboards and other input devices.
fn types_like_a_keyboard(place: &str) -> bool {
    place.starts_with("/dev/input/") || place.starts_with("/dev/hidraw")
}

fn parse_serial(text: &str, place: &str) -> Result<Address, AddressError> {
    let (path, query) = place.split_once('?').unwrap_or((place, ""));
    if path.is_empty() {
        return Err(AddressError::Empty(text.to_owned()));
    }
    let wrong = || AddressError::Parameter(text.to_owned());
    let baud = match query.split_once('=') {
        None if query.is_empty() => DEFAULT_BAUD,
        Some(("baud", value)) => value.parse().ok().filter(|baud| *baud > 0).ok_or_else(wrong)?,
        _ => return Err(wrong()),
    };
    Ok(Address::Serial { path: path.into(), baud })
}

fn parse_tcp(text: &str, place: &str) -> Result<Address, AddressError> {
    let wrong = || AddressError::Port(text.to_owned());
    let (host, port) = place.rsplit_once(':').ok_or_else(wrong)?;
    if host.is_empty() {
        return Err(AddressError::Empty(text.to_owned()));
    }
    let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?;
    Ok(Address::Tcp { host: host.to_owned(), port })
}

fn parse_usb(place: &str) -> Option<Address> {
    let id = |text: &str| {
        let is_id = text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_id.then(|| u16::from_str_radix(text, 16).ok()).flatten()
    };
    let mut parts = place.splitn(3, ':');
    let (vendor, product) = (id(parts.next()?)?, id(parts.next()?)?);
    match parts.next() {
        Some("") => None,
        serial => Some(Address::Usb { vendor, product, serial: serial.map(str::to_owned) }),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serial { path, baud } => write!(f, "serial:{}?baud={baud}", path.display()),
            Self::Tcp { host, port } => write!(f, "tcp:{host}:{port}"),
            Self::Usb { vendor, product, serial: None } => write!(f, "usb:{vendor:04x}:{product:04x}"),
            Self::Usb { vendor, product, serial: Some(serial) } => write!(f, "usb:{vendor:04x}:{product:04x}:{serial}"),
            Self::Cups { queue } => write!(f, "cups:{queue}"),
            Self::Pcsc { reader } => write!(f, "pcsc:{reader}"),
            Self::Sane { device } => write!(f, "sane:{device}"),
            Self::File { path } => write!(f, "file:{}", path.display()),
            Self::Emulator { name } => write!(f, "emulator:{name}"),
        }
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_print_what_they_parse() {
        for text in [
            "serial:/dev/ttyUSB0?baud=9600",
            "tcp:127.0.0.1:9100",
            "tcp:[::1]:9100",
            "usb:04b8:0202",
            "usb:04b8:0202:X3:A 12",
            "cups:TICKETS",
            "pcsc:Virtual PCD 00 00",
            "sane:test:0",
            "file:/dev/usb/lp0",
            "emulator:hall",
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
            let json = serde_json::to_string(&address).unwrap();
            assert_eq!(serde_json::from_str::<Address>(&json).unwrap(), address);
        }
        assert_eq!("serial:/dev/ttyS0".parse::<Address>().unwrap(), Address::serial("/dev/ttyS0"));
    }

    #[test]
    fn wrong_addresses_say_what_is_wrong() {
        let error = |text: &str| text.parse::<Address>().unwrap_err();
        assert!(matches!(error("lpt:1"), AddressError::UnknownKind(_)));
        for text in ["usb:1", "usb:04b8", "usb:04b8:202", "usb:04b8:0202:", "usb:04g8:0202", "usb:+4b8:0202"] {
            assert!(matches!(error(text), AddressError::UsbIds(_)), "{text}");
        }
        assert!(matches!(error("nothing"), AddressError::UnknownKind(_)));
        assert!(matches!(error("tcp:"), AddressError::Empty(_)));
        assert!(matches!(error("tcp::9100"), AddressError::Empty(_)));
        assert!(matches!(error("tcp:host"), AddressError::Port(_)));
        assert!(matches!(error("tcp:host:0"), AddressError::Port(_)));
        assert!(matches!(error("serial:/dev/x?baud=fast"), AddressError::Parameter(_)));
        assert!(matches!(error("serial:/dev/x?parity=e"), AddressError::Parameter(_)));
        assert!(matches!(error("serial:?baud=9600"), AddressError::Empty(_)));
    }
}
