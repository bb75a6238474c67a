//! Where a device is: an address that parses and prints the same.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The speed a serial line has when its address names none.
pub const DEFAULT_BAUD: u32 = 115_200;

/// Where a device is reached. Written `serial:/dev/ttyUSB0?baud=115200`, `tcp:127.0.0.1:9100`, `file:/dev/usb/lp0` or
/// `emulator:NAME` (an emulator in this process, see [`crate::emulator::registry`]).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// A serial line or a pty, by path (prefer `/dev/serial/by-id/...`, which survives re-plugging).
    Serial { path: PathBuf, baud: u32 },
    /// A TCP socket.
    Tcp { host: String, port: u16 },
    /// A file or a write-only device node. Nothing is ever read back from it.
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
    #[error("`{0}` does not begin with serial:, tcp:, file: or emulator:")]
    UnknownKind(String),
    /// The part after the kind is empty.
    #[error("`{0}` names no place after the colon")]
    Empty(String),
    /// The port is missing or not a number from 1 to 65535.
    #[error("`{0}` has no port, or one that is not a number from 1 to 65535")]
    Port(String),
    /// `baud` is not a positive number, or a parameter is not known.
    #[error("`{0}` has a parameter other than baud=NUMBER")]
    Parameter(String),
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (kind, place) = text.split_once(':').ok_or_else(|| AddressError::UnknownKind(text.to_owned()))?;
        let known = matches!(kind, "serial" | "tcp" | "file" | "emulator");
        if !known {
            return Err(AddressError::UnknownKind(text.to_owned()));
        }
        if place.is_empty() {
            return Err(AddressError::Empty(text.to_owned()));
        }
        match kind {
            "serial" => parse_serial(text, place),
            "tcp" => parse_tcp(text, place),
            "file" => Ok(Self::File { path: place.into() }),
            _ => Ok(Self::Emulator { name: place.to_owned() }),
        }
    }
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

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serial { path, baud } => write!(f, "serial:{}?baud={baud}", path.display()),
            Self::Tcp { host, port } => write!(f, "tcp:{host}:{port}"),
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
        assert!(matches!(error("usb:1"), AddressError::UnknownKind(_)));
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
