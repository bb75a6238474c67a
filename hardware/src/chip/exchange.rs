//! Commands and responses over a connection: secured once there is a session, counted, and with the time that the card takes set apart from ours.

use std::time::{Duration, Instant};

use super::apdu::{Command, Response, StatusWord};
use super::connection::{CardConnection, CardFault};
use super::random::NoRandomness;
use super::secure_messaging::SecureMessaging;
use crate::status::Fault;

/// The longest response that is put together from parts.
const LONGEST_RESPONSE: usize = 0x1_0100;

/// Why a chip was not read. A card that is lost never looks like a wrong key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The card cannot be spoken to.
    #[error("{0}")]
    Card(#[from] CardFault),
    /// The card weighed the key and refused it.
    #[error("the card refused the key")]
    WrongKey,
    /// The card takes this key no more.
    #[error("the card has blocked the key")]
    Locked,
    /// The card opens only with the machine-readable zone, or in a way that is not known.
    #[error("the card does not open with a key of this kind")]
    KeyKind,
    /// The card's bytes are not what the protocol asks for.
    #[error("the card's answer makes no sense")]
    Garbled,
    /// The card refused a command that it should obey.
    #[error("the card refused a command with {0}")]
    Refused(StatusWord),
    /// This machine gave no random bytes.
    #[error("{0}")]
    Chance(#[from] NoRandomness),
}

impl ReadError {
    /// The fault that people are told.
    #[must_use]
    pub const fn fault(self) -> Fault {
        match self {
            Self::Card(fault) => fault.fault(),
            Self::WrongKey => Fault::ChipWrongKey,
            Self::Locked => Fault::ChipLocked,
            Self::KeyKind => Fault::ChipKeyKind,
            Self::Garbled | Self::Refused(_) | Self::Chance(_) => Fault::ChipUnreadable,
        }
    }
}

/// A conversation with one card.
pub struct Exchange<'a> {
    card: &'a mut dyn CardConnection,
    session: Option<SecureMessaging>,
    deadline: Instant,
    patience: Duration,
    commands: u32,
    waited: Duration,
}

impl<'a> Exchange<'a> {
    /// A conversation that ends by `deadline`, and in which the card has `patience` for each answer.
    pub fn new(card: &'a mut dyn CardConnection, deadline: Instant, patience: Duration) -> Self {
        Self { card, session: None, deadline, patience, commands: 0, waited: Duration::ZERO }
    }

    /// From here on everything is secured.
    pub fn secure(&mut self, session: SecureMessaging) {
        self.session = Some(session);
    }

    /// How many commands were sent.
    #[must_use]
    pub fn commands(&self) -> u32 {
        self.commands
    }

    /// How long the card, and the way to it, were waited for.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// What the card answered to its reset.
    #[must_use]
    pub fn answer_to_reset(&self) -> &[u8] {
        self.card.answer_to_reset()
    }

    /// Sends a command. A status word other than well is no error here: the caller knows which it expects.
    ///
    /// # Errors
    /// [`ReadError::Card`], and [`ReadError::Garbled`] for bytes that are no response, or no response of this session.
    pub fn send(&mut self, command: &Command) -> Result<Response, ReadError> {
        let Some(mut session) = self.session.take() else { return self.exchange(command) };
        let secured = session.wrap_command(command).map_err(|_| ReadError::Garbled)?;
        let answer = self.exchange(&secured)?;
        // Some cards say bare that a file is missing or protected. A bare "well" is never taken.
        if answer.data.is_empty() && answer.status != StatusWord::OK {
            let refusal = [StatusWord::NOT_FOUND, StatusWord::PROTECTED];
            if !refusal.contains(&answer.status) {
                return Err(ReadError::Garbled);
            }
            session.skip_response();
            self.session = Some(session);
            return Ok(answer);
        }
        let response = session.unwrap_response(&answer).map_err(|_| ReadError::Garbled)?;
        self.session = Some(session);
        Ok(response)
    }

    /// Sends a command that must go well.
    ///
    /// # Errors
    /// As [`Exchange::send`], and [`ReadError::Refused`].
    pub fn demand(&mut self, command: &Command) -> Result<Vec<u8>, ReadError> {
        let response = self.send(command)?;
        if response.status == StatusWord::OK { Ok(response.data) } else { Err(ReadError::Refused(response.status)) }
    }

    /// One command and its whole response: the rest is fetched from a card that has more, a length that the card corrects is corrected.
    fn exchange(&mut self, command: &Command) -> Result<Response, ReadError> {
        let mut response = self.transmit(command)?;
        if let [0x6C, right] = response.status.0.to_be_bytes()
            && response.data.is_empty()
        {
            let right = if right == 0 { 0x100 } else { usize::from(right) };
            response = self.transmit(&Command { expected: Some(right), ..command.clone() })?;
        }
        let mut data = std::mem::take(&mut response.data);
        while let [0x61, more] = response.status.0.to_be_bytes() {
            let more = if more == 0 { 0x100 } else { usize::from(more) };
            response = self.transmit(&Command::new([0x00, 0xC0, 0x00, 0x00], &[], Some(more)))?;
            data.append(&mut response.data);
            if data.len() > LONGEST_RESPONSE || self.deadline <= Instant::now() {
                return Err(ReadError::Garbled);
            }
        }
        Ok(Response { data, status: response.status })
    }

    fn transmit(&mut self, command: &Command) -> Result<Response, ReadError> {
        let begun = Instant::now();
        if begun >= self.deadline {
            return Err(CardFault::TimedOut.into());
        }
        self.commands += 1;
        let answer = self.card.transmit(&command.to_bytes(), self.deadline.min(begun + self.patience));
        self.waited += begun.elapsed();
        Response::parse(&answer?).ok_or(ReadError::Garbled)
    }
}
