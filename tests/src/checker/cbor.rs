//! Reading CBOR values (RFC 8949) by place and by name. The reader is a general one; what the values mean is said here.

use crate::fault::{Doing, Fault, Outcome};
use ciborium::Value;

/// A whole CBOR value and nothing behind it.
///
/// # Errors
/// When the bytes are no CBOR, or something is left over.
pub fn read(bytes: &[u8]) -> Outcome<Value> {
    let mut rest = bytes;
    let value = ciborium::from_reader(&mut rest).doing("CBOR")?;
    if rest.is_empty() { Ok(value) } else { Err(Fault::new("CBOR", "bytes after the end")) }
}

/// A value's bytes, for comparing and hashing.
///
/// # Errors
/// Never for values that [`read`] gave.
pub fn write(value: &Value) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).doing("writing CBOR")?;
    Ok(bytes)
}

/// An array's elements.
///
/// # Errors
/// When it is no array of at least `at_least`.
pub fn array(value: &Value, at_least: usize) -> Outcome<&[Value]> {
    let elements = value.as_array().map(Vec::as_slice).ok_or_else(|| Fault::new("CBOR", "not an array"))?;
    if elements.len() < at_least { Err(Fault::new("CBOR", "an array that is too short")) } else { Ok(elements) }
}

/// A map's value under a name.
pub fn named<'a>(map: &'a Value, name: &str) -> Option<&'a Value> {
    let found = map.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name));
    found.map(|(_, value)| value).filter(|value| !value.is_null())
}

/// A text.
///
/// # Errors
/// When it is none.
pub fn text(value: &Value) -> Outcome<&str> {
    value.as_text().ok_or_else(|| Fault::new("CBOR", "not a text"))
}

/// A byte string.
///
/// # Errors
/// When it is none.
pub fn bytes(value: &Value) -> Outcome<&[u8]> {
    value.as_bytes().map(Vec::as_slice).ok_or_else(|| Fault::new("CBOR", "not a byte string"))
}

/// A byte string of exactly `N` bytes.
///
/// # Errors
/// When it is none.
pub fn fixed<const N: usize>(value: &Value) -> Outcome<[u8; N]> {
    bytes(value)?.try_into().doing("CBOR: bytes of another length")
}

/// An integer.
///
/// # Errors
/// When it is none that fits.
pub fn integer<T: TryFrom<i128>>(value: &Value) -> Outcome<T> {
    let integer = value.as_integer().map(i128::from).ok_or_else(|| Fault::new("CBOR", "not an integer"))?;
    T::try_from(integer).map_err(|_| Fault::new("CBOR", "an integer that does not fit"))
}
