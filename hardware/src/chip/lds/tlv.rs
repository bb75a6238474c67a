//! Tag, length, value: the shape of every file on a chip and of every signature over them.
//!
//! The reader is total: any bytes give elements or a named error. It takes lengths of up to four bytes even where fewer would do (chips in the
//! field do not all write the shortest), and refuses the indefinite form, which no chip file may use.

use zeroize::Zeroize;

use super::LdsError;

/// How deep a structure may be nested before a reader that follows it gives up.
pub const MAX_DEPTH: usize = 8;

/// Tags of ASN.1 that the files use.
pub mod tag {
    /// BOOLEAN.
    pub const BOOLEAN: u32 = 0x01;
    /// INTEGER.
    pub const INTEGER: u32 = 0x02;
    /// BIT STRING.
    pub const BIT_STRING: u32 = 0x03;
    /// OCTET STRING.
    pub const OCTET_STRING: u32 = 0x04;
    /// NULL.
    pub const NULL: u32 = 0x05;
    /// OBJECT IDENTIFIER.
    pub const OID: u32 = 0x06;
    /// UTF8String.
    pub const UTF8: u32 = 0x0C;
    /// PrintableString.
    pub const PRINTABLE: u32 = 0x13;
    /// IA5String.
    pub const IA5: u32 = 0x16;
    /// UTCTime.
    pub const UTC_TIME: u32 = 0x17;
    /// GeneralizedTime.
    pub const GENERALIZED_TIME: u32 = 0x18;
    /// SEQUENCE.
    pub const SEQUENCE: u32 = 0x30;
    /// SET.
    pub const SET: u32 = 0x31;

    /// A constructed context tag, `[number]`, for numbers below 31.
    #[must_use]
    pub const fn context(number: u8) -> u32 {
        0xA0 | number as u32
    }
}

/// One element.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The tag's bytes as a big-endian number: `0x61`, `0x5F1F`.
    pub tag: u32,
    /// What it holds.
    pub value: &'a [u8],
    /// The element with its tag and length.
    pub whole: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// A reader of what is inside.
    #[must_use]
    pub fn inside(&self) -> Reader<'a> {
        Reader::new(self.value)
    }

    /// Whether it is made of elements.
    #[must_use]
    pub fn is_constructed(&self) -> bool {
        let first = self.tag.to_be_bytes().into_iter().find(|byte| *byte != 0);
        first.unwrap_or(0) & 0x20 != 0
    }

    /// The number in an INTEGER of at most four bytes that is not negative.
    #[must_use]
    pub fn small_number(&self) -> Option<u32> {
        let digits = self.value.strip_prefix(&[0]).unwrap_or(self.value);
        if self.tag != tag::INTEGER || self.value.first()? & 0x80 != 0 || digits.len() > 4 {
            return None;
        }
        Some(digits.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }
}

/// Reads elements one after another.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next element, or none at the end.
    ///
    /// # Errors
    /// [`LdsError::Cut`] if the bytes end within it; [`LdsError::Malformed`] for a tag or length that cannot be.
    pub fn element(&mut self) -> Result<Option<Tlv<'a>>, LdsError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (tag, tag_bytes) = read_tag(self.rest)?;
        let (length, length_bytes) = read_length(&self.rest[tag_bytes..])?;
        let head = tag_bytes + length_bytes;
        let whole = self.rest.get(..head.saturating_add(length)).ok_or(LdsError::Cut)?;
        self.rest = &self.rest[whole.len()..];
        Ok(Some(Tlv { tag, value: &whole[head..], whole }))
    }

    /// The next element, which must have this tag.
    ///
    /// # Errors
    /// As [`Reader::element`]; another tag is malformed, the end is a cut.
    pub fn expect(&mut self, tag: u32) -> Result<Tlv<'a>, LdsError> {
        match self.element()? {
            Some(element) if element.tag == tag => Ok(element),
            Some(_) => Err(LdsError::TLV),
            None => Err(LdsError::Cut),
        }
    }

    /// The next element if it has this tag; otherwise nothing is read.
    ///
    /// # Errors
    /// As [`Reader::element`].
    pub fn optional(&mut self, tag: u32) -> Result<Option<Tlv<'a>>, LdsError> {
        let mut ahead = *self;
        let found = ahead.element()?.filter(|element| element.tag == tag);
        if found.is_some() {
            *self = ahead;
        }
        Ok(found)
    }

    /// All elements that are left.
    ///
    /// # Errors
    /// As [`Reader::element`].
    pub fn all(mut self) -> Result<Vec<Tlv<'a>>, LdsError> {
        let mut elements = Vec::new();
        while let Some(element) = self.element()? {
            elements.push(element);
        }
        Ok(elements)
    }
}

/// The one element with this tag at the beginning of a file. Chips may pad a file behind its content, so what follows is not looked at.
///
/// # Errors
/// As [`Reader::expect`].
pub fn file(bytes: &[u8], tag: u32) -> Result<Tlv<'_>, LdsError> {
    Reader::new(bytes).expect(tag)
}

/// How many bytes a file has, told by its first bytes; none while these do not yet hold the whole head.
///
/// # Errors
/// [`LdsError::Malformed`] for a head that cannot be.
pub fn file_length(head: &[u8]) -> Result<Option<usize>, LdsError> {
    let measured = read_tag(head).and_then(|(_, tag_bytes)| {
        let (length, length_bytes) = read_length(&head[tag_bytes..])?;
        Ok(tag_bytes + length_bytes + length)
    });
    match measured {
        Ok(length) => Ok(Some(length)),
        Err(LdsError::Cut) => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_tag(bytes: &[u8]) -> Result<(u32, usize), LdsError> {
    let first = *bytes.first().ok_or(LdsError::Cut)?;
    let mut tag = u32::from(first);
    if first & 0x1F != 0x1F {
        return Ok((tag, 1));
    }
    for at in 1..4 {
        let byte = *bytes.get(at).ok_or(LdsError::Cut)?;
        tag = tag << 8 | u32::from(byte);
        if byte & 0x80 == 0 {
            return Ok((tag, at + 1));
        }
    }
    Err(LdsError::TLV)
}

fn read_length(bytes: &[u8]) -> Result<(usize, usize), LdsError> {
    let first = *bytes.first().ok_or(LdsError::Cut)?;
    let count = usize::from(first & 0x7F);
    if first & 0x80 == 0 {
        return Ok((count, 1));
    }
    if !(1..=4).contains(&count) {
        return Err(LdsError::TLV);
    }
    let digits = bytes.get(1..=count).ok_or(LdsError::Cut)?;
    let length = digits.iter().fold(0_u32, |length, byte| length << 8 | u32::from(*byte));
    Ok((usize::try_from(length).map_err(|_| LdsError::TLV)?, 1 + count))
}

/// Writes an element in DER: the shortest length.
#[must_use]
pub fn write(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(value.len() + 8);
    bytes.extend(tag.to_be_bytes().into_iter().skip_while(|byte| *byte == 0));
    if value.len() < 0x80 {
        bytes.push(value.len() as u8);
    } else {
        let digits: Vec<u8> = value.len().to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        bytes.push(0x80 | digits.len() as u8);
        bytes.extend(digits);
    }
    bytes.extend_from_slice(value);
    bytes
}

/// Writes an element made of parts.
#[must_use]
pub fn write_all(tag: u32, parts: &[&[u8]]) -> Vec<u8> {
    let mut value = parts.concat();
    let element = write(tag, &value);
    value.zeroize();
    element
}

/// Writes a SEQUENCE.
#[must_use]
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    write_all(tag::SEQUENCE, parts)
}

/// Writes an INTEGER of these big-endian digits, which are not negative.
#[must_use]
pub fn integer(digits: &[u8]) -> Vec<u8> {
    let zeros = digits.iter().take_while(|byte| **byte == 0).count();
    let digits = &digits[zeros..];
    if digits.first().is_none_or(|first| first & 0x80 != 0) {
        return write_all(tag::INTEGER, &[&[0], digits]);
    }
    write(tag::INTEGER, digits)
}

/// Writes a BIT STRING of whole bytes.
#[must_use]
pub fn bit_string(bytes: &[u8]) -> Vec<u8> {
    write_all(tag::BIT_STRING, &[&[0], bytes])
}

/// Writes an OBJECT IDENTIFIER of these content bytes.
#[must_use]
pub fn oid(content: &[u8]) -> Vec<u8> {
    write(tag::OID, content)
}

#[cfg(test)]
#[path = "tlv_tests.rs"]
mod tests;
