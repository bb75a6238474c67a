//! Secure messaging (Doc 9303 part 11, 9.8): each command and response is encrypted and authenticated, and counted, so that none can be changed,
//! left out or played again. One type serves both sides: the reader wraps commands and unwraps responses, the card does the reverse.

use std::fmt;

use subtle::ConstantTimeEq;

use super::apdu::{Command, Response, SECURED, StatusWord};
use super::cipher::{Cipher, Key, Mac, Purpose, pad, unpad};
use super::tlv;

const ENCRYPTED: u32 = 0x87;
const ENCRYPTED_ODD: u32 = 0x85;
const EXPECTED: u32 = 0x97;
const STATUS: u32 = 0x99;
const AUTHENTICATION: u32 = 0x8E;

/// Why a message is not one of this session. The session is over then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmError {
    /// It is not secured at all, or lacks an object.
    #[error("a secured message lacks its objects")]
    Missing,
    /// Its authentication is wrong: it was changed, or is of another session.
    #[error("a secured message is not authentic")]
    Forged,
    /// It is authentic, and yet its objects are malformed.
    #[error("a secured message is malformed")]
    Malformed,
}

/// The keys of a session and its counter. Keys are wiped when it is dropped.
pub struct SecureMessaging {
    cipher: Cipher,
    encryption: Key,
    authentication: Key,
    counter: u128,
}

impl fmt::Debug for SecureMessaging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecureMessaging").field("cipher", &self.cipher).finish_non_exhaustive()
    }
}

impl SecureMessaging {
    /// A session whose keys come from a shared secret, and whose counter begins at `counter`: zero, but for BAC.
    #[must_use]
    pub fn new(cipher: Cipher, secret: &[u8], counter: u64) -> Self {
        Self {
            cipher,
            encryption: cipher.derive(secret, Purpose::Encryption),
            authentication: cipher.derive(secret, Purpose::Authentication),
            counter: u128::from(counter),
        }
    }

    /// Its cipher.
    #[must_use]
    pub fn cipher(&self) -> Cipher {
        self.cipher
    }

    /// The key that authenticates, of which PACE makes its tokens.
    pub(super) fn authentication_key(&self) -> &[u8] {
        &self.authentication
    }

    #[cfg(test)]
    pub(super) fn counter(&self) -> u128 {
        self.counter
    }

    #[cfg(test)]
    pub(super) fn keys(&self) -> (&[u8], &[u8]) {
        (&self.encryption, &self.authentication)
    }

    /// Secures a command. What it expects back is said inside; outside, as much is expected as one length can say.
    ///
    /// # Errors
    /// [`SmError::Malformed`] when its data cannot be encrypted, which no length of data brings about.
    pub fn wrap_command(&mut self, command: &Command) -> Result<Command, SmError> {
        self.step();
        let mut header = command.header;
        header[0] |= SECURED;
        let mut objects = Vec::new();
        if !command.data.is_empty() {
            objects.extend(self.encrypted(&command.data, is_odd(header[1]))?);
        }
        if let Some(count) = command.expected {
            objects.extend(tlv::write(EXPECTED, &expected_bytes(count)));
        }
        let mac = self.mac(&self.command_message(&header, &objects)).ok_or(SmError::Malformed)?;
        objects.extend(tlv::write(AUTHENTICATION, &mac));
        let long = objects.len() > 0xFF || command.expected.is_some_and(|count| count > 0x100);
        Ok(Command::new(header, &objects, Some(if long { 0x1_0000 } else { 0x100 })))
    }

    /// Opens a secured command, as the card does.
    ///
    /// # Errors
    /// [`SmError`]; the session is over then.
    pub fn unwrap_command(&mut self, secured: &Command) -> Result<Command, SmError> {
        if secured.header[0] & SECURED != SECURED {
            return Err(SmError::Missing);
        }
        self.step();
        let (objects, mac) = split_authentication(&secured.data)?;
        self.check(&self.command_message(&secured.header, objects), mac)?;
        let found = tlv::all(objects).ok_or(SmError::Malformed)?;
        let mut command = Command::new(secured.header, &[], None);
        command.header[0] &= !SECURED;
        for object in found {
            match object.tag {
                ENCRYPTED | ENCRYPTED_ODD => command.data = self.decrypted(object)?,
                EXPECTED => command.expected = Some(parse_expected(object.value).ok_or(SmError::Malformed)?),
                _ => return Err(SmError::Malformed),
            }
        }
        Ok(command)
    }

    /// Secures a response, as the card does, to a command of this instruction.
    ///
    /// # Errors
    /// As [`SecureMessaging::wrap_command`].
    pub fn wrap_response(&mut self, instruction: u8, response: &Response) -> Result<Response, SmError> {
        self.step();
        let mut objects = Vec::new();
        if !response.data.is_empty() {
            objects.extend(self.encrypted(&response.data, is_odd(instruction))?);
        }
        objects.extend(tlv::write(STATUS, &response.status.0.to_be_bytes()));
        let mac = self.mac(&self.response_message(&objects)).ok_or(SmError::Malformed)?;
        objects.extend(tlv::write(AUTHENTICATION, &mac));
        Ok(Response { data: objects, status: response.status })
    }

    /// Opens a secured response.
    ///
    /// # Errors
    /// [`SmError::Missing`] when the card answered with a bare status word: it has ended the session.
    pub fn unwrap_response(&mut self, secured: &Response) -> Result<Response, SmError> {
        self.step();
        let (objects, mac) = split_authentication(&secured.data)?;
        self.check(&self.response_message(objects), mac)?;
        let found = tlv::all(objects).ok_or(SmError::Malformed)?;
        let mut response = Response::status(secured.status);
        let mut status = None;
        for object in found {
            match object.tag {
                ENCRYPTED | ENCRYPTED_ODD => response.data = self.decrypted(object)?,
                STATUS => status = <[u8; 2]>::try_from(object.value).ok(),
                _ => return Err(SmError::Malformed),
            }
        }
        response.status = StatusWord(u16::from_be_bytes(status.ok_or(SmError::Malformed)?));
        Ok(response)
    }

    /// Counts a response that came bare.
    pub(super) fn skip_response(&mut self) {
        self.step();
    }

    fn step(&mut self) {
        self.counter = self.counter.wrapping_add(1);
        if self.cipher == Cipher::TripleDes {
            self.counter &= u128::from(u64::MAX);
        }
    }

    /// The counter as one block.
    fn counter_block(&self) -> Vec<u8> {
        let bytes = self.counter.to_be_bytes();
        bytes[16 - self.cipher.block_bytes()..].to_vec()
    }

    /// AES encrypts each message from its own vector; triple DES always from zero.
    fn vector(&self) -> Option<Vec<u8>> {
        let zero = vec![0; self.cipher.block_bytes()];
        if self.cipher == Cipher::TripleDes {
            return Some(zero);
        }
        self.cipher.encrypt(&self.encryption, &zero, &self.counter_block())
    }

    fn encrypted(&self, data: &[u8], odd: bool) -> Result<Vec<u8>, SmError> {
        let padded = zeroize::Zeroizing::new(pad(data, self.cipher.block_bytes()));
        let vector = self.vector().ok_or(SmError::Malformed)?;
        let hidden = self.cipher.encrypt(&self.encryption, &vector, &padded).ok_or(SmError::Malformed)?;
        if odd {
            return Ok(tlv::write(ENCRYPTED_ODD, &hidden));
        }
        // The first byte says which padding.
        Ok(tlv::write(ENCRYPTED, &[&[0x01], &hidden[..]].concat()))
    }

    fn decrypted(&self, object: tlv::Tlv<'_>) -> Result<Vec<u8>, SmError> {
        let hidden = match object.tag {
            ENCRYPTED => object.value.strip_prefix(&[0x01]).ok_or(SmError::Malformed)?,
            _ => object.value,
        };
        let vector = self.vector().ok_or(SmError::Malformed)?;
        let shown = self.cipher.decrypt(&self.encryption, &vector, hidden).ok_or(SmError::Malformed)?;
        unpad(&shown).map(<[u8]>::to_vec).ok_or(SmError::Malformed)
    }

    fn command_message(&self, header: &[u8; 4], objects: &[u8]) -> Vec<u8> {
        let block = self.cipher.block_bytes();
        let mut message = self.counter_block();
        message.extend(pad(header, block));
        if !objects.is_empty() {
            message.extend(pad(objects, block));
        }
        message
    }

    fn response_message(&self, objects: &[u8]) -> Vec<u8> {
        let mut message = self.counter_block();
        message.extend(pad(objects, self.cipher.block_bytes()));
        message
    }

    fn mac(&self, message: &[u8]) -> Option<Mac> {
        self.cipher.mac(&self.authentication, message)
    }

    fn check(&self, message: &[u8], mac: &[u8]) -> Result<(), SmError> {
        let right = self.mac(message).ok_or(SmError::Malformed)?;
        if bool::from(right.ct_eq(mac)) { Ok(()) } else { Err(SmError::Forged) }
    }
}

/// Instructions that are odd carry their data as objects.
fn is_odd(instruction: u8) -> bool {
    instruction & 1 == 1
}

/// What is authenticated, byte for byte as it came, and its authentication.
fn split_authentication(data: &[u8]) -> Result<(&[u8], &[u8]), SmError> {
    let mut rest = data;
    while let Some((object, after)) = tlv::first(rest) {
        if object.tag == AUTHENTICATION {
            return if after.is_empty() {
                Ok((&data[..data.len() - rest.len()], object.value))
            } else {
                Err(SmError::Malformed)
            };
        }
        rest = after;
    }
    Err(SmError::Missing)
}

fn expected_bytes(count: usize) -> Vec<u8> {
    if count > 0x100 { (count as u16).to_be_bytes().to_vec() } else { vec![count as u8] }
}

fn parse_expected(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [0] => Some(0x100),
        [count] => Some(usize::from(count)),
        [0, 0] => Some(0x1_0000),
        [high, low] => Some(usize::from(u16::from_be_bytes([high, low]))),
        _ => None,
    }
}

#[cfg(test)]
#[path = "secure_messaging_tests.rs"]
mod tests;
