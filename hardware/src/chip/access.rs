//! Opening a chip: PACE where the card offers it, BAC where it does not. The key is sent once; whether to try another is for a person to decide.

use serde::Serialize;

use super::apdu::{Command, Response, StatusWord};
use super::bac::{AccessKeys, Reader};
use super::exchange::{Exchange, ReadError};
use super::files::{self, Content};
use super::key::{ChipKey, MrzKey};
use super::pace::{self, KeyPair};
use super::random::Randomness;
use super::secure_messaging::SecureMessaging;
use super::security_infos::{PaceInfo, SecurityInfos};
use super::tlv;

/// The name of the travel application, ISO/IEC 7816-4.
pub const TRAVEL_APPLICATION: [u8; 7] = [0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01];

/// Dynamic authentication data.
const DYNAMIC: u32 = 0x7C;

/// How a chip was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// PACE, with the card access number.
    PaceCan,
    /// PACE, with the machine-readable zone.
    PaceMrz,
    /// BAC.
    Bac,
}

/// Opens the chip and selects the travel application.
///
/// # Errors
/// [`ReadError`]; [`ReadError::WrongKey`] only when the card itself said so.
pub fn open(exchange: &mut Exchange<'_>, key: &ChipKey, random: &mut dyn Randomness) -> Result<Access, ReadError> {
    match offered_pace(exchange)? {
        Some((info, several)) => {
            let session = run_pace(exchange, &info, several, key, random)?;
            exchange.secure(session);
            exchange.demand(&Command::select_application(&TRAVEL_APPLICATION))?;
            Ok(match key {
                ChipKey::Can(_) => Access::PaceCan,
                ChipKey::Mrz(_) => Access::PaceMrz,
            })
        }
        None => {
            let ChipKey::Mrz(mrz) = key else { return Err(ReadError::KeyKind) };
            exchange.demand(&Command::select_application(&TRAVEL_APPLICATION))?;
            let session = run_bac(exchange, mrz, random)?;
            exchange.secure(session);
            Ok(Access::Bac)
        }
    }
}

/// The best way of PACE, and whether its curve must be named. EF.CardAccess is selected directly: Vietnamese cards refuse to select the master file.
fn offered_pace(exchange: &mut Exchange<'_>) -> Result<Option<(PaceInfo, bool)>, ReadError> {
    let Content::Present(file) = files::read(exchange, files::CARD_ACCESS, files::SHORT_CHUNK, &mut |_, _| {})? else {
        return Ok(None);
    };
    let infos = SecurityInfos::parse(&file).ok_or(ReadError::Garbled)?;
    let best = infos.pace.first().cloned();
    Ok(best.map(|best| {
        let several = infos.pace.iter().filter(|info| info.oid == best.oid).count() > 1;
        (best, several)
    }))
}

fn run_pace(
    exchange: &mut Exchange<'_>,
    info: &PaceInfo,
    several: bool,
    key: &ChipKey,
    random: &mut dyn Randomness,
) -> Result<SecureMessaging, ReadError> {
    let mut choice = [tlv::write(0x80, &info.oid), tlv::write(0x83, &[key.reference()])].concat();
    if several {
        choice.extend(tlv::write(0x84, &[info.curve.parameter_id()]));
    }
    let chosen = exchange.send(&Command::new([0x00, 0x22, 0xC1, 0xA4], &choice, None))?;
    // 63Cx tells how many tries are left, and is no refusal.
    match chosen.status {
        StatusWord::OK => {}
        StatusWord::BLOCKED => return Err(ReadError::Locked),
        status if status.0 & 0xFFF0 == 0x63C0 => {}
        status => return Err(ReadError::Refused(status)),
    }

    let hidden = step(exchange, None, 0x80)?;
    let nonce = pace::uncover(info.cipher, key, &hidden).ok_or(ReadError::Garbled)?;

    let ours = KeyPair::draw(info.curve, &info.curve.generator(), random)?;
    let theirs = step(exchange, Some((0x81, &ours.public)), 0x82)?;
    let generator = ours.mapped_generator(&nonce, &theirs).ok_or(ReadError::Garbled)?;

    let ours = KeyPair::draw(info.curve, &generator, random)?;
    let theirs = step(exchange, Some((0x83, &ours.public)), 0x84)?;
    let session = ours.session(info.cipher, &theirs).ok_or(ReadError::Garbled)?;

    let proof = pace::token(&session, info, &theirs).ok_or(ReadError::Garbled)?;
    let response = exchange.send(&authenticate(Some((0x85, &proof)), true))?;
    let token = weighed(response).and_then(|data| object(&data, 0x86))?;
    let right = pace::token(&session, info, &ours.public).ok_or(ReadError::Garbled)?;
    if bool::from(subtle::ConstantTimeEq::ct_eq(&right[..], &token[..])) {
        Ok(session)
    } else {
        Err(ReadError::Garbled)
    }
}

/// One step of general authentication: an object there, another back.
fn step(exchange: &mut Exchange<'_>, sent: Option<(u32, &[u8])>, back: u32) -> Result<Vec<u8>, ReadError> {
    let data = exchange.demand(&authenticate(sent, false))?;
    object(&data, back)
}

fn authenticate(sent: Option<(u32, &[u8])>, last: bool) -> Command {
    let data = sent.map_or_else(Vec::new, |(tag, value)| tlv::write(tag, value));
    let class = if last { 0x00 } else { 0x10 };
    Command::new([class, 0x86, 0x00, 0x00], &tlv::write(DYNAMIC, &data), Some(0x100))
}

fn object(data: &[u8], tag: u32) -> Result<Vec<u8>, ReadError> {
    let found = tlv::value(data, DYNAMIC).and_then(|inner| tlv::find(inner, tag));
    found.map(<[u8]>::to_vec).ok_or(ReadError::Garbled)
}

fn run_bac(
    exchange: &mut Exchange<'_>,
    mrz: &MrzKey,
    random: &mut dyn Randomness,
) -> Result<SecureMessaging, ReadError> {
    let challenge = exchange.demand(&Command::new([0x00, 0x84, 0x00, 0x00], &[], Some(8)))?;
    let challenge = <[u8; 8]>::try_from(challenge).map_err(|_| ReadError::Garbled)?;
    let keys = AccessKeys::from_seed(&mrz.seed());
    let (reader, message) = Reader::answer(&keys, challenge, random)?;
    let response = exchange.send(&Command::new([0x00, 0x82, 0x00, 0x00], &message, Some(40)))?;
    reader.finish(&weighed(response)?).ok_or(ReadError::Garbled)
}

/// The answer to the message that carries the key's proof: here alone can a card say that the key is wrong. Cards say it in several ways.
fn weighed(response: Response) -> Result<Vec<u8>, ReadError> {
    match response.status {
        StatusWord::OK => Ok(response.data),
        StatusWord::BLOCKED => Err(ReadError::Locked),
        StatusWord::PROTECTED | StatusWord::SM_WRONG | StatusWord::WRONG_DATA | StatusWord::NOT_NOW => {
            Err(ReadError::WrongKey)
        }
        status if status.0 & 0xFF00 == 0x6300 => Err(ReadError::WrongKey),
        status => Err(ReadError::Refused(status)),
    }
}
