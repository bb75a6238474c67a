//! Reading a chip's files, in parts that the reader and the card can carry.

use super::apdu::{Command, StatusWord};
use super::exchange::{Exchange, ReadError};
use super::tlv;

/// EF.CardAccess: how the chip opens.
pub const CARD_ACCESS: u16 = 0x011C;

/// What a short response can carry once it is secured with AES: 223 bytes and their padding, in 239 bytes of objects. Some readers cannot take more.
pub const SHORT_CHUNK: usize = 0xDF;
/// What is read at once where card and reader know extended lengths. More is hardly faster, and a lost byte costs more.
pub const LONG_CHUNK: usize = 0x800;
/// With the odd instruction the bytes come wrapped into an object, which takes some room.
const WRAPPING: usize = 8;
const FIFTEEN_BITS: usize = 0x8000;
/// Enough for the tag and the length of any file; no file is shorter.
const BEGINNING: usize = 8;
/// No file of an identity card comes near this; a length beyond it is no length.
const LARGEST_FILE: usize = 0x4_0000;

/// What became of reading a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Its bytes.
    Present(Vec<u8>),
    /// The card has no such file.
    Absent,
    /// The card does not let it be read.
    Protected,
}

/// Reads a whole file; `told` hears how many bytes of how many are there.
///
/// # Errors
/// [`ReadError`]. That a file is absent or protected is no error.
pub fn read(
    exchange: &mut Exchange<'_>,
    file: u16,
    chunk: usize,
    told: &mut dyn FnMut(usize, usize),
) -> Result<Content, ReadError> {
    if let Some(why) = refusal(exchange.send(&Command::select_file(file))?.status)? {
        return Ok(why);
    }
    let beginning = exchange.send(&Command::read_binary(0, BEGINNING))?;
    if let Some(why) = refusal(beginning.status)? {
        return Ok(why);
    }
    let mut bytes = beginning.data;
    let length = tlv::whole_length(&bytes).filter(|length| *length <= LARGEST_FILE).ok_or(ReadError::Garbled)?;
    bytes.truncate(length);
    while bytes.len() < length {
        told(bytes.len(), length);
        let part = read_part(exchange, bytes.len(), (length - bytes.len()).min(chunk))?;
        bytes.extend(part);
    }
    told(length, length);
    Ok(Content::Present(bytes))
}

/// At least one byte and at most `count` from `offset`.
fn read_part(exchange: &mut Exchange<'_>, offset: usize, count: usize) -> Result<Vec<u8>, ReadError> {
    let wrapped = offset >= FIFTEEN_BITS;
    let count = if wrapped { count.min(SHORT_CHUNK - WRAPPING) } else { count };
    let response = exchange.send(&Command::read_binary(offset, count))?;
    if response.status != StatusWord::OK && response.status != StatusWord::END_OF_FILE {
        return Err(ReadError::Refused(response.status));
    }
    let part = if wrapped { tlv::value(&response.data, 0x53).ok_or(ReadError::Garbled)? } else { &response.data[..] };
    if part.is_empty() || part.len() > count { Err(ReadError::Garbled) } else { Ok(part.to_vec()) }
}

/// What a refusal of a file means; none when there is no refusal.
fn refusal(status: StatusWord) -> Result<Option<Content>, ReadError> {
    match status {
        StatusWord::OK | StatusWord::END_OF_FILE => Ok(None),
        StatusWord::NOT_FOUND => Ok(Some(Content::Absent)),
        StatusWord::PROTECTED => Ok(Some(Content::Protected)),
        status => Err(ReadError::Refused(status)),
    }
}

/// Whether a card says in its answer to reset that it knows extended lengths: the third byte of its capabilities (ISO/IEC 7816-4, 12.1.1.2).
#[must_use]
pub fn says_extended_length(answer_to_reset: &[u8]) -> bool {
    historical_bytes(answer_to_reset).and_then(capabilities).is_some_and(|third| third & 0x40 != 0)
}

/// The historical bytes: after T0, and the interface bytes that each group announces.
fn historical_bytes(answer_to_reset: &[u8]) -> Option<&[u8]> {
    let first = *answer_to_reset.get(1)?;
    let (mut at, mut announced) = (2, first >> 4);
    loop {
        at += announced.count_ones() as usize;
        if announced & 0x8 == 0 {
            break;
        }
        announced = *answer_to_reset.get(at - 1)? >> 4;
    }
    answer_to_reset.get(at..at + usize::from(first & 0x0F))
}

/// The third byte of the card's capabilities among compact objects.
fn capabilities(historical: &[u8]) -> Option<u8> {
    let (category, mut rest) = historical.split_first()?;
    if *category != 0x80 && *category != 0x00 {
        return None;
    }
    while let [name, after @ ..] = rest {
        let (value, after) = after.split_at_checked(usize::from(name & 0x0F))?;
        if name >> 4 == 7 {
            return value.get(2).copied();
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn extended_length_is_read_off_the_answer_to_reset() {
        let says = says_extended_length;
        assert!(says(&[0x3B, 0x85, 0x80, 0x01, 0x80, 0x73, 0xC0, 0x21, 0xC0, 0x57]));
        assert!(!says(&[0x3B, 0x85, 0x80, 0x01, 0x80, 0x73, 0xC0, 0x21, 0x80, 0x17]));
        assert!(!says(&[0x3B, 0x80, 0x80, 0x01, 0x01]));
    }

    proptest! {
        #[test]
        fn any_answer_to_reset_is_borne(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if says_extended_length(&bytes) {
                prop_assert!(bytes.len() > 4);
            }
        }
    }
}
