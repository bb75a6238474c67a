//! Tag, length, value, as cards write them: BER with definite lengths, tolerant of lengths longer than they need be. Total: any bytes, no panic.

/// One object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// Its tag, of one to three bytes, as it is written.
    pub tag: u32,
    /// Its value.
    pub value: &'a [u8],
}

/// The first object and what follows it; none when the bytes are no whole object.
#[must_use]
pub fn first(bytes: &[u8]) -> Option<(Tlv<'_>, &[u8])> {
    let (tag, start, length) = header(bytes)?;
    let end = start.checked_add(length)?;
    Some((Tlv { tag, value: bytes.get(start..end)? }, bytes.get(end..)?))
}

/// Every object; none when the bytes do not end with a whole one.
#[must_use]
pub fn all(mut bytes: &[u8]) -> Option<Vec<Tlv<'_>>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (object, rest) = first(bytes)?;
        found.push(object);
        bytes = rest;
    }
    Some(found)
}

/// The value of the first object of this tag.
#[must_use]
pub fn find(bytes: &[u8], tag: u32) -> Option<&[u8]> {
    all(bytes)?.into_iter().find(|object| object.tag == tag).map(|object| object.value)
}

/// The value of the only, or first, object, if it has this tag.
#[must_use]
pub fn value(bytes: &[u8], tag: u32) -> Option<&[u8]> {
    first(bytes).filter(|(object, _)| object.tag == tag).map(|(object, _)| object.value)
}

/// How long the whole object is whose first bytes these are.
#[must_use]
pub fn whole_length(beginning: &[u8]) -> Option<usize> {
    let (_, start, length) = header(beginning)?;
    start.checked_add(length)
}

/// Writes an object.
#[must_use]
pub fn write(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = tag.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    let length = value.len();
    let digits: Vec<u8> = (length as u32).to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    if length < 0x80 {
        bytes.push(length as u8);
    } else {
        bytes.push(0x80 | digits.len() as u8);
        bytes.extend(digits);
    }
    bytes.extend_from_slice(value);
    bytes
}

/// Tag, where the value begins, and its length.
fn header(bytes: &[u8]) -> Option<(u32, usize, usize)> {
    let mut at = 1;
    let mut tag = u32::from(*bytes.first()?);
    if tag & 0x1F == 0x1F {
        loop {
            let next = *bytes.get(at)?;
            tag = tag << 8 | u32::from(next);
            at += 1;
            if next & 0x80 == 0 {
                break;
            }
            if at == 3 {
                return None;
            }
        }
    }
    let short = *bytes.get(at)?;
    at += 1;
    let count = usize::from(short & 0x7F);
    if short & 0x80 == 0 {
        return Some((tag, at, count));
    }
    if count == 0 || count > 4 {
        return None;
    }
    let length = bytes.get(at..at + count)?.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
    Some((tag, at + count, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_may_be_longer_than_they_need_be() {
        assert_eq!(value(&[0x30, 0x82, 0, 1, 7], 0x30), Some(&[7][..]));
        assert_eq!(value(&[0x7F, 0x49, 1, 7], 0x7F49), Some(&[7][..]));
        assert_eq!(whole_length(&[0x75, 0x82, 0x10, 0x00]), Some(4 + 0x1000));
        assert_eq!(first(&[0x30, 0x80, 0, 0]), None);
        assert_eq!(first(&[0x30, 2, 0]), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in proptest::collection::vec(any::<u8>(), 0..70_000), tag in prop::sample::select(vec![0x04_u32, 0x7C, 0x5F1F, 0x7F49])) {
            let bytes = write(tag, &value);
            prop_assert_eq!(first(&bytes), Some((Tlv { tag, value: &value }, &[][..])));
            prop_assert_eq!(whole_length(&bytes[..bytes.len().min(8)]), Some(bytes.len()));
        }

        #[test]
        fn any_bytes_are_borne(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Some(objects) = all(&bytes) {
                prop_assert!(objects.iter().map(|object| object.value.len()).sum::<usize>() <= bytes.len());
            }
        }
    }
}
