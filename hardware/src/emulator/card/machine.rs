//! The card itself: commands in, responses out. It answers as Vietnamese cards do: the master file cannot be selected, a wrong key is 6300.

use subtle::ConstantTimeEq;

use super::contents::CardContents;
use super::opening::{self, Opening};
use crate::chip::access::TRAVEL_APPLICATION;
use crate::chip::apdu::{Command, Response, SECURED, StatusWord};
use crate::chip::bac::{AccessKeys, answer_of_card};
use crate::chip::files::CARD_ACCESS;
use crate::chip::random::{Randomness, SystemRandomness};
use crate::chip::secure_messaging::SecureMessaging;
use crate::chip::tlv;

/// What one short response carries.
const SHORT_RESPONSE: usize = 0x100;

/// A card's state between commands.
pub(super) struct CardMachine {
    pub(super) contents: CardContents,
    random: Box<dyn Randomness + Send>,
    session: Option<SecureMessaging>,
    /// A session that begins after the response that opens it.
    next_session: Option<SecureMessaging>,
    application: bool,
    selected: Option<u16>,
    challenge: Option<[u8; 8]>,
    opening: Option<Opening>,
    /// What is left of a response that was too long for one.
    rest: Vec<u8>,
    /// How often a key was shown, right or wrong.
    pub(super) keys_shown: u32,
    /// How many of them were refused.
    pub(super) keys_refused: u32,
}

impl CardMachine {
    pub(super) fn new(contents: CardContents) -> Self {
        Self {
            contents,
            random: Box::new(SystemRandomness),
            session: None,
            next_session: None,
            application: false,
            selected: None,
            challenge: None,
            opening: None,
            rest: Vec::new(),
            keys_shown: 0,
            keys_refused: 0,
        }
    }

    /// Power off, power on, reset: everything is forgotten but what is written.
    pub(super) fn reset(&mut self) {
        (self.session, self.next_session, self.opening, self.challenge) = (None, None, None, None);
        (self.application, self.selected) = (false, None);
        self.rest.clear();
    }

    /// Answers a command's bytes.
    pub(super) fn respond(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Some(command) = Command::parse(bytes) else { return Response::status(StatusWord::WRONG_LENGTH).to_bytes() };
        if command.header[1] == 0xC0 {
            return self.next_part(command.expected.unwrap_or(SHORT_RESPONSE)).to_bytes();
        }
        let response =
            if command.header[0] & SECURED == SECURED { self.secured(&command) } else { self.bare(&command) };
        let room = command.expected.unwrap_or(SHORT_RESPONSE).max(SHORT_RESPONSE);
        if response.data.len() <= room {
            return response.to_bytes();
        }
        self.rest = response.to_bytes();
        self.next_part(SHORT_RESPONSE).to_bytes()
    }

    /// A part of a response that was too long, and word of how much more there is.
    fn next_part(&mut self, count: usize) -> Response {
        if self.rest.len() <= 2 || self.rest.len() - 2 <= count {
            return Response::parse(&std::mem::take(&mut self.rest)).unwrap_or(Response::status(StatusWord::NOT_NOW));
        }
        let data = self.rest.drain(..count).collect();
        let more = (self.rest.len() - 2).min(0x100) as u8;
        Response { data, status: StatusWord(0x6100 | u16::from(more)) }
    }

    fn bare(&mut self, command: &Command) -> Response {
        // A bare command ends the session, whatever it asks for.
        self.session = None;
        let response = self.obey(command, false);
        self.session = self.next_session.take();
        response
    }

    fn secured(&mut self, command: &Command) -> Response {
        let Some(mut session) = self.session.take() else { return Response::status(StatusWord::SM_MISSING) };
        let Ok(opened) = session.unwrap_command(command) else { return Response::status(StatusWord::SM_WRONG) };
        let response = self.obey(&opened, true);
        let Ok(secured) = session.wrap_response(command.header[1], &response) else {
            return Response::status(StatusWord::SM_WRONG);
        };
        self.session = Some(self.next_session.take().unwrap_or(session));
        secured
    }

    fn obey(&mut self, command: &Command, secured: bool) -> Response {
        let answer = match (command.header, &command.data[..]) {
            ([_, 0xA4, 0x04, ..], name) => self.select_application(name),
            ([_, 0xA4, 0x02, ..], [high, low]) => self.select_file(u16::from_be_bytes([*high, *low]), secured),
            ([_, 0xB0 | 0xB1, ..], _) => self.read(command, secured),
            ([_, 0x84, 0x00, 0x00], _) if self.contents.bac => self.get_challenge(),
            ([_, 0x82, 0x00, 0x00], message) if self.contents.bac => self.external_authenticate(message),
            ([_, 0x22, 0xC1, 0xA4], choice) => opening::choose(&self.contents, choice).map(|chosen| {
                self.opening = Some(chosen);
                Vec::new()
            }),
            ([_, 0x22, 0x41, 0xA4], _) if secured && self.contents.chip.is_some() => {
                self.opening = Some(Opening::Chip);
                Ok(Vec::new())
            }
            ([_, 0x86, 0x00, 0x00], data) => self.general_authenticate(data, secured),
            ([_, 0x88, 0x00, 0x00], challenge) if secured => self.internal_authenticate(challenge),
            _ => Err(StatusWord::UNKNOWN_INSTRUCTION),
        };
        answer.map_or_else(Response::status, Response::ok)
    }

    fn select_application(&mut self, name: &[u8]) -> Result<Vec<u8>, StatusWord> {
        if name != TRAVEL_APPLICATION {
            return Err(StatusWord::NOT_FOUND);
        }
        (self.application, self.selected) = (true, None);
        Ok(Vec::new())
    }

    fn select_file(&mut self, id: u16, secured: bool) -> Result<Vec<u8>, StatusWord> {
        if id != CARD_ACCESS && !(self.application && secured) {
            return Err(StatusWord::PROTECTED);
        }
        if self.contents.protected.contains(&id) {
            return Err(StatusWord::PROTECTED);
        }
        if !self.contents.files.contains_key(&id) {
            return Err(StatusWord::NOT_FOUND);
        }
        self.selected = Some(id);
        Ok(Vec::new())
    }

    /// Reads the selected file, or the one whose short identifier the offset names.
    fn read(&mut self, command: &Command, secured: bool) -> Result<Vec<u8>, StatusWord> {
        let [_, instruction, first, second] = command.header;
        let odd = instruction == 0xB1;
        let mut offset = usize::from(u16::from_be_bytes([first & 0x7F, second]));
        if first & 0x80 != 0 && !odd {
            self.select_file(0x0100 | u16::from(first & 0x1F), secured)?;
            offset = usize::from(second);
        }
        if odd {
            let said = tlv::value(&command.data, 0x54).filter(|said| said.len() <= 4).ok_or(StatusWord::WRONG_DATA)?;
            offset = said.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        }
        let id = self.selected.ok_or(StatusWord::NOT_NOW)?;
        let file = self.contents.files.get(&id).ok_or(StatusWord::NOT_FOUND)?;
        let rest = file.get(offset..).filter(|rest| !rest.is_empty()).ok_or(StatusWord::WRONG_OFFSET)?;
        let room = command.expected.unwrap_or(SHORT_RESPONSE);
        if odd {
            let part = &rest[..rest.len().min(room.saturating_sub(4))];
            return Ok(tlv::write(0x53, part));
        }
        Ok(rest[..rest.len().min(room)].to_vec())
    }

    fn get_challenge(&mut self) -> Result<Vec<u8>, StatusWord> {
        let mut challenge = [0; 8];
        self.random.fill(&mut challenge).map_err(|_| StatusWord::NOT_NOW)?;
        self.challenge = Some(challenge);
        Ok(challenge.to_vec())
    }

    fn external_authenticate(&mut self, message: &[u8]) -> Result<Vec<u8>, StatusWord> {
        let challenge = self.challenge.take().ok_or(StatusWord::NOT_NOW)?;
        self.keys_shown += 1;
        let keys = AccessKeys::from_seed(&self.contents.mrz.seed());
        let done = answer_of_card(&keys, challenge, message, &mut *self.random).map_err(|_| StatusWord::NOT_NOW)?;
        let Some((answer, session)) = done else {
            self.keys_refused += 1;
            return Err(StatusWord::REFUSED);
        };
        self.next_session = Some(session);
        Ok(answer)
    }

    fn general_authenticate(&mut self, data: &[u8], secured: bool) -> Result<Vec<u8>, StatusWord> {
        let opening = self.opening.take().ok_or(StatusWord::NOT_NOW)?;
        let inner = tlv::value(data, 0x7C).ok_or(StatusWord::WRONG_DATA)?;
        if matches!(opening, Opening::Chip) && secured {
            self.next_session = Some(opening::authenticate_chip(&self.contents, inner)?);
            return Ok(tlv::write(0x7C, &[]));
        }
        let sent = tlv::all(inner).ok_or(StatusWord::WRONG_DATA)?.first().map(|object| (object.tag, object.value));
        if let Opening::Agreed { session, expected, token } = opening {
            let Some((0x85, shown)) = sent else { return Err(StatusWord::WRONG_DATA) };
            self.keys_shown += 1;
            if !bool::from(expected.ct_eq(shown)) {
                self.keys_refused += 1;
                return Err(StatusWord::REFUSED);
            }
            self.next_session = Some(session);
            return Ok(tlv::write(0x7C, &tlv::write(0x86, &token)));
        }
        let (next, tag, answer) = opening.step(&self.contents, sent, &mut *self.random)?;
        self.opening = Some(next);
        Ok(tlv::write(0x7C, &tlv::write(tag, &answer)))
    }

    fn internal_authenticate(&mut self, challenge: &[u8]) -> Result<Vec<u8>, StatusWord> {
        let key = self.contents.signing.as_ref().ok_or(StatusWord::UNKNOWN_INSTRUCTION)?;
        key.sign(challenge, &mut *self.random).ok_or(StatusWord::NOT_NOW)
    }
}
