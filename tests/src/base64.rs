//! Base64 (RFC 4648, standard alphabet), read by hand: the only one in this crate, and WebDriver and data URLs need it.

use crate::fault::{Fault, Outcome};

/// Decodes; white space is skipped.
///
/// # Errors
/// When a character is not of the alphabet.
pub fn decode(text: &str) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0);
    for char in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        held = (held << 6) | u32::from(value(char).ok_or_else(|| Fault::new("base64", format_args!("byte {char}")))?);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    Ok(bytes)
}

/// The bytes of a `data:…;base64,…` URL.
///
/// # Errors
/// When it is no such URL.
pub fn data_url(url: &str) -> Outcome<Vec<u8>> {
    let (_, data) = url.split_once(";base64,").ok_or_else(|| Fault::new("data URL", "no base64 in it"))?;
    decode(data)
}

fn value(char: u8) -> Option<u8> {
    match char {
        b'A'..=b'Z' => Some(char - b'A'),
        b'a'..=b'z' => Some(char - b'a' + 26),
        b'0'..=b'9' => Some(char - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648() {
        for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")] {
            assert_eq!(decode(text).unwrap(), bytes.as_bytes());
        }
        assert_eq!(data_url("data:image/png;base64,Zm9v").unwrap(), b"foo");
        assert!(decode("Zm9*").is_err());
    }
}
