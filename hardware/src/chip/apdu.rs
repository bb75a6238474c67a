//! Commands to a card and its responses (ISO/IEC 7816-4), short and extended.

use std::fmt;

/// Secure messaging is said in the class byte.
pub const SECURED: u8 = 0x0C;

/// How much a command expects back; absent when nothing.
pub type Expected = Option<usize>;

/// A command.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    /// Class, instruction, and two parameters.
    pub header: [u8; 4],
    /// What is sent with it.
    pub data: Vec<u8>,
    /// How many bytes are expected at most: 1 to 65,536.
    pub expected: Expected,
}

/// What a command does is no secret; what it carries may be.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({:02X?}, {} bytes, expects {:?})", self.header, self.data.len(), self.expected)
    }
}

impl Command {
    /// A command.
    #[must_use]
    pub fn new(header: [u8; 4], data: &[u8], expected: Expected) -> Self {
        Self { header, data: data.to_vec(), expected }
    }

    /// Selects a file by its identifier, with no word back about it.
    #[must_use]
    pub fn select_file(id: u16) -> Self {
        Self::new([0x00, 0xA4, 0x02, 0x0C], &id.to_be_bytes(), None)
    }

    /// Selects an application by its name.
    #[must_use]
    pub fn select_application(name: &[u8]) -> Self {
        Self::new([0x00, 0xA4, 0x04, 0x0C], name, None)
    }

    /// Reads from the selected file. Offsets that do not fit into fifteen bits are said in a data object, with the odd instruction.
    #[must_use]
    pub fn read_binary(offset: usize, count: usize) -> Self {
        if let Ok(offset) = u16::try_from(offset)
            && offset < 0x8000
        {
            let [high, low] = offset.to_be_bytes();
            return Self::new([0x00, 0xB0, high, low], &[], Some(count));
        }
        let offset: Vec<u8> = (offset as u64).to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        // The answer wraps the bytes into an object of its own: up to four bytes more.
        Self::new([0x00, 0xB1, 0x00, 0x00], &super::tlv::write(0x54, &offset), Some(count + 4))
    }

    /// Its bytes, extended when its data or what it expects does not fit into a short one.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let expected = self.expected.map(|count| count.clamp(1, 0x1_0000));
        let mut bytes = self.header.to_vec();
        if self.data.len() > 0xFF || expected.is_some_and(|count| count > 0x100) {
            bytes.push(0);
            if !self.data.is_empty() {
                bytes.extend((self.data.len() as u16).to_be_bytes());
                bytes.extend(&self.data);
            }
            if let Some(count) = expected {
                bytes.extend((count as u16).to_be_bytes());
            }
            return bytes;
        }
        if !self.data.is_empty() {
            bytes.push(self.data.len() as u8);
            bytes.extend(&self.data);
        }
        if let Some(count) = expected {
            bytes.push(count as u8);
        }
        bytes
    }

    /// Reads a command, as a card does; none when the bytes are no command.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (header, body) = bytes.split_first_chunk::<4>()?;
        let command = |data: &[u8], expected| Some(Self::new(*header, data, expected));
        let short = |count: u8| Some(if count == 0 { 0x100 } else { usize::from(count) });
        let long = |count: u16| Some(if count == 0 { 0x1_0000 } else { usize::from(count) });
        match *body {
            [] => command(&[], None),
            [count] => command(&[], short(count)),
            [0, high, low] => command(&[], long(u16::from_be_bytes([high, low]))),
            [0, high, low, ref rest @ ..] => {
                let (data, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
                match *rest {
                    [] => command(data, None),
                    [high, low] => command(data, long(u16::from_be_bytes([high, low]))),
                    _ => None,
                }
            }
            [length, ref rest @ ..] => {
                let (data, rest) = rest.split_at_checked(usize::from(length))?;
                match *rest {
                    [] => command(data, None),
                    [count] => command(data, short(count)),
                    _ => None,
                }
            }
        }
    }
}

/// The two bytes at the end of each response.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusWord(pub u16);

impl StatusWord {
    /// Done.
    pub const OK: Self = Self(0x9000);
    /// The file ended before as much was read as was expected.
    pub const END_OF_FILE: Self = Self(0x6282);
    /// A key was refused; how many tries remain is not said.
    pub const REFUSED: Self = Self(0x6300);
    /// The card does not let this file be read.
    pub const PROTECTED: Self = Self(0x6982);
    /// The key is blocked.
    pub const BLOCKED: Self = Self(0x6983);
    /// Conditions of use not satisfied: the steps came in a wrong order.
    pub const NOT_NOW: Self = Self(0x6985);
    /// Objects of secure messaging are missing.
    pub const SM_MISSING: Self = Self(0x6987);
    /// Objects of secure messaging are wrong.
    pub const SM_WRONG: Self = Self(0x6988);
    /// The data sent is wrong.
    pub const WRONG_DATA: Self = Self(0x6A80);
    /// No such file.
    pub const NOT_FOUND: Self = Self(0x6A82);
    /// The parameters are wrong.
    pub const WRONG_PARAMETERS: Self = Self(0x6A86);
    /// The length is wrong.
    pub const WRONG_LENGTH: Self = Self(0x6700);
    /// The offset is past the file's end.
    pub const WRONG_OFFSET: Self = Self(0x6B00);
    /// The instruction is unknown.
    pub const UNKNOWN_INSTRUCTION: Self = Self(0x6D00);
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

/// A response.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// What came back.
    pub data: Vec<u8>,
    /// How it went.
    pub status: StatusWord,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({} bytes, {})", self.data.len(), self.status)
    }
}

impl Response {
    /// A response of nothing but a status word.
    #[must_use]
    pub fn status(status: StatusWord) -> Self {
        Self { data: Vec::new(), status }
    }

    /// A response that went well.
    #[must_use]
    pub fn ok(data: Vec<u8>) -> Self {
        Self { data, status: StatusWord::OK }
    }

    /// Reads a response; none when it is too short to have a status word.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (data, status) = bytes.split_last_chunk::<2>()?;
        Some(Self { data: data.to_vec(), status: StatusWord(u16::from_be_bytes(*status)) })
    }

    /// Its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.data.clone();
        bytes.extend(self.status.0.to_be_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn commands_have_the_bytes_of_the_standard() {
        assert_eq!(Command::select_file(0x011C).to_bytes(), [0x00, 0xA4, 0x02, 0x0C, 0x02, 0x01, 0x1C]);
        assert_eq!(Command::read_binary(0x7FFF, 0x100).to_bytes(), [0x00, 0xB0, 0x7F, 0xFF, 0x00]);
        assert_eq!(Command::read_binary(0, 0x10000).to_bytes(), [0x00, 0xB0, 0, 0, 0, 0, 0]);
        assert_eq!(Command::read_binary(0x8000, 0xDF).to_bytes(), [0x00, 0xB1, 0, 0, 4, 0x54, 2, 0x80, 0x00, 0xE3]);
    }

    proptest! {
        #[test]
        fn commands_round_trip(header: [u8; 4], data in proptest::collection::vec(any::<u8>(), 0..700), expected in proptest::option::of(1_usize..=0x1_0000)) {
            let command = Command::new(header, &data, expected);
            prop_assert_eq!(Command::parse(&command.to_bytes()), Some(command));
        }

        #[test]
        fn any_bytes_are_borne(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Some(command) = Command::parse(&bytes) {
                prop_assert!(command.data.len() <= bytes.len());
            }
            if let Some(response) = Response::parse(&bytes) {
                prop_assert_eq!(response.to_bytes(), bytes);
            }
        }
    }
}
