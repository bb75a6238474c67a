//! Chip authentication (Doc 9303 part 11, 6.2): the chip agrees on new keys with a key that cannot be read out. Only the chip itself can go on with
//! the session that follows.

use super::apdu::Command;
use super::exchange::{Exchange, ReadError};
use super::pace::KeyPair;
use super::random::Randomness;
use super::secure_messaging::SecureMessaging;
use super::security_infos::ChipKeyInfo;
use super::tlv;

/// Begins a session under the chip's own key. That it works is proved by the next answer, which no copy can authenticate.
///
/// # Errors
/// [`ReadError`]; [`ReadError::Refused`] when the chip does not take the command.
pub fn agree(exchange: &mut Exchange<'_>, key: &ChipKeyInfo, random: &mut dyn Randomness) -> Result<(), ReadError> {
    let mut choice = tlv::write(0x80, &key.oid);
    if let Some(id) = &key.id {
        choice.extend(tlv::write(0x84, id));
    }
    exchange.demand(&Command::new([0x00, 0x22, 0x41, 0xA4], &choice, None))?;
    let ours = KeyPair::draw(key.curve, &key.curve.generator(), random)?;
    let session: SecureMessaging = ours.session(key.cipher, &key.public).ok_or(ReadError::Garbled)?;
    let sent = tlv::write(0x7C, &tlv::write(0x80, &ours.public));
    exchange.demand(&Command::new([0x00, 0x86, 0x00, 0x00], &sent, Some(0x100)))?;
    exchange.secure(session);
    Ok(())
}
