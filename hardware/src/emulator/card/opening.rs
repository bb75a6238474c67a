//! The card's side of PACE and of chip authentication, step by step.

use super::contents::CardContents;
use crate::chip::apdu::StatusWord;
use crate::chip::cipher::{Key, Mac};
use crate::chip::key::ChipKey;
use crate::chip::pace::{self, KeyPair};
use crate::chip::random::{Randomness, draw};
use crate::chip::secure_messaging::SecureMessaging;
use crate::chip::security_infos::PaceInfo;
use crate::chip::tlv;

const NONCE_BYTES: usize = 16;

/// How far it has come.
pub(super) enum Opening {
    /// A way of PACE and a password were chosen.
    Chosen(PaceInfo, ChipKey),
    /// The nonce was sent, hidden.
    Nonce(PaceInfo, Key),
    /// Both sides have the mapped generator.
    Mapped(PaceInfo, Vec<u8>),
    /// Both sides have a session, if the password was the same.
    Agreed {
        /// The session.
        session: SecureMessaging,
        /// What the reader must show.
        expected: Mac,
        /// What the card shows in return.
        token: Mac,
    },
    /// Chip authentication was chosen.
    Chip,
}

/// MSE:Set AT: which way, which password, which curve.
pub(super) fn choose(contents: &CardContents, choice: &[u8]) -> Result<Opening, StatusWord> {
    let one = |tag| tlv::find(choice, tag);
    let oid = one(0x80).ok_or(StatusWord::WRONG_DATA)?;
    let fits = |info: &&PaceInfo| info.oid == oid && one(0x84).is_none_or(|id| id == [info.curve.parameter_id()]);
    let info = contents.pace.iter().find(fits).ok_or(StatusWord::WRONG_DATA)?;
    let Some([reference]) = one(0x83) else { return Err(StatusWord::WRONG_DATA) };
    let key = contents.password(*reference).ok_or(StatusWord(0x6A88))?;
    Ok(Opening::Chosen(info.clone(), key))
}

/// The next state, and what is answered, with its tag.
type Step = (Opening, u32, Vec<u8>);

impl Opening {
    /// One step of PACE before the last.
    pub(super) fn step(
        self,
        contents: &CardContents,
        sent: Option<(u32, &[u8])>,
        random: &mut dyn Randomness,
    ) -> Result<Step, StatusWord> {
        debug_assert!(!contents.pace.is_empty(), "a way was chosen");
        let worn = |_| StatusWord::NOT_NOW;
        match (self, sent) {
            (Self::Chosen(info, key), None) => {
                let nonce = draw(random, NONCE_BYTES).map_err(worn)?;
                let hidden = pace::hide(info.cipher, &key, &nonce).ok_or(StatusWord::NOT_NOW)?;
                Ok((Self::Nonce(info, nonce), 0x80, hidden))
            }
            (Self::Nonce(info, nonce), Some((0x81, theirs))) => {
                let ours = KeyPair::draw(info.curve, &info.curve.generator(), random).map_err(worn)?;
                let mapped = ours.mapped_generator(&nonce, theirs).ok_or(StatusWord::WRONG_DATA)?;
                Ok((Self::Mapped(info, mapped), 0x82, ours.public))
            }
            (Self::Mapped(info, generator), Some((0x83, theirs))) => {
                let ours = KeyPair::draw(info.curve, &generator, random).map_err(worn)?;
                let session = ours.session(info.cipher, theirs).ok_or(StatusWord::WRONG_DATA)?;
                let expected = pace::token(&session, &info, &ours.public).ok_or(StatusWord::NOT_NOW)?;
                let token = pace::token(&session, &info, theirs).ok_or(StatusWord::NOT_NOW)?;
                Ok((Self::Agreed { session, expected, token }, 0x84, ours.public))
            }
            _ => Err(StatusWord::NOT_NOW),
        }
    }
}

/// Chip authentication: the reader's point and the chip's own key give a new session.
pub(super) fn authenticate_chip(contents: &CardContents, inner: &[u8]) -> Result<SecureMessaging, StatusWord> {
    let (curve, secret) = contents.chip.as_ref().ok_or(StatusWord::NOT_NOW)?;
    let theirs = tlv::find(inner, 0x80).ok_or(StatusWord::WRONG_DATA)?;
    let shared = curve.agree(theirs, secret).ok_or(StatusWord::WRONG_DATA)?;
    let cipher = contents.chip_cipher().ok_or(StatusWord::NOT_NOW)?;
    Ok(SecureMessaging::new(cipher, &shared, 0))
}
