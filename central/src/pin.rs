//! An officer's PIN: hashed with argon2id, kept nowhere else.

use argon2::Argon2;
use argon2::password_hash::PasswordHasher;

/// A PIN that is not one, or that could not be hashed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadPin {
    /// Too short to be worth a lock, too long to be typed, or not digits.
    #[error("a PIN is 4 to 12 digits")]
    Form,
    /// The hash could not be made.
    #[error("the PIN could not be hashed")]
    Hash,
}

/// The PIN's PHC string (argon2id, the crate's current parameters, a random salt).
///
/// # Errors
/// See [`BadPin`].
pub fn hash(pin: &str) -> Result<String, BadPin> {
    if !(4..=12).contains(&pin.len()) || !pin.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(BadPin::Form);
    }
    let hash = Argon2::default().hash_password(pin.as_bytes()).map_err(|_| BadPin::Hash)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::password_hash::{PasswordVerifier, phc::PasswordHash};

    #[test]
    fn a_hash_knows_its_pin_and_no_other() {
        let text = hash("2580").unwrap();
        assert!(text.starts_with("$argon2id$v=19$"));
        let parsed = PasswordHash::new(&text).unwrap();
        assert!(Argon2::default().verify_password(b"2580", &parsed).is_ok());
        assert!(Argon2::default().verify_password(b"2581", &parsed).is_err());
    }

    #[test]
    fn what_is_no_pin_is_refused() {
        for text in ["", "123", "1234567890123", "12a4", "１２３４"] {
            assert_eq!(hash(text), Err(BadPin::Form), "{text}");
        }
    }
}
