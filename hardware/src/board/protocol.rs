//! The board's line protocol. Pure; total.
//!
//! A frame is `STX sequence US kind [US field]... ETX crc`, where `crc` is the CRC-16/CCITT-FALSE of what stands between STX and ETX as four
//! capital hexadecimal digits, `US` is 1F and `sequence` counts 1 to 9999 and begins anew. To the board: `CALL number desk times`, `CLEAR`,
//! `NEWS text`, `BEAT` (every second, so that the board knows that it is not forgotten). From the board: `ACK` or `NAK` with the frame's sequence.

use serde::{Deserialize, Serialize};

const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const US: char = '\u{1F}';
/// Longest frame between STX and ETX.
const MAX_FRAME_BYTES: usize = 1024;
/// Longest news, in letters.
pub const MAX_NEWS_LETTERS: usize = 200;

/// A ticket called to a desk.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Call {
    /// The ticket number, such as `A105`.
    pub number: String,
    /// The desk.
    pub desk: u16,
    /// Which call this is: 1 is the first.
    pub times: u8,
}

/// What the far side is told.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BoardMessage {
    /// Show and flash a call.
    Call(Call),
    /// Forget all calls.
    Clear,
    /// A line at the foot; empty takes it away.
    News {
        /// The text.
        text: String,
    },
    /// Nothing new; the driver is alive.
    Beat,
    /// The board took the frame of this sequence.
    Ack,
    /// The board read the frame and will not show it.
    Nak,
}

/// Why something may not be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Not one to eight capital letters, digits or hyphens, with fewer than nine digits (so that no personal number is ever shown).
    #[error("not a ticket number")]
    Number,
    /// Control characters, too long, or nine digits or more in a row.
    #[error("not fit for a public board")]
    News,
    /// Desk or times is zero.
    #[error("desk and times count from one")]
    Zero,
}

impl BoardMessage {
    /// Checks that a message may be shown in public.
    ///
    /// # Errors
    /// [`MessageError`] says why not.
    pub fn check(&self) -> Result<(), MessageError> {
        match self {
            Self::Call(call) if !is_ticket_number(&call.number) => Err(MessageError::Number),
            Self::Call(call) if call.desk == 0 || call.times == 0 => Err(MessageError::Zero),
            Self::News { text } if !is_public(text) => Err(MessageError::News),
            _ => Ok(()),
        }
    }
}

fn is_ticket_number(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=8).contains(&text.len()) && text.bytes().all(allowed)
}

fn is_public(text: &str) -> bool {
    let digits_in_a_row = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    text.chars().count() <= MAX_NEWS_LETTERS && !text.chars().any(char::is_control) && digits_in_a_row < 9
}

/// A message with its place in the stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// 1 to 9999.
    pub sequence: u16,
    /// What it says.
    pub message: BoardMessage,
}

impl Frame {
    /// The bytes on the line.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let rest = match &self.message {
            BoardMessage::Call(call) => format!("CALL{US}{}{US}{}{US}{}", call.number, call.desk, call.times),
            BoardMessage::Clear => "CLEAR".to_owned(),
            BoardMessage::News { text } => format!("NEWS{US}{text}"),
            BoardMessage::Beat => "BEAT".to_owned(),
            BoardMessage::Ack => "ACK".to_owned(),
            BoardMessage::Nak => "NAK".to_owned(),
        };
        let body = format!("{}{US}{rest}", self.sequence);
        let mut bytes = vec![STX];
        bytes.extend(body.as_bytes());
        bytes.push(ETX);
        bytes.extend(format!("{:04X}", crc16(body.as_bytes())).as_bytes());
        bytes
    }

    /// Reads what stands between STX and ETX; `None` when it is no frame or may not be shown.
    fn decode(body: &[u8]) -> Option<Self> {
        let fields: Vec<&str> = std::str::from_utf8(body).ok()?.split(US).collect();
        let sequence = fields.first()?.parse().ok().filter(|sequence| (1..=MAX_SEQUENCE).contains(sequence))?;
        let message = match fields[1..] {
            ["CALL", number, desk, times] => BoardMessage::Call(Call {
                number: number.to_owned(),
                desk: desk.parse().ok()?,
                times: times.parse().ok()?,
            }),
            ["CLEAR"] => BoardMessage::Clear,
            ["NEWS", text] => BoardMessage::News { text: text.to_owned() },
            ["BEAT"] => BoardMessage::Beat,
            ["ACK"] => BoardMessage::Ack,
            ["NAK"] => BoardMessage::Nak,
            _ => return None,
        };
        message.check().ok().map(|()| Self { sequence, message })
    }
}

/// The last sequence before it begins anew at 1.
pub const MAX_SEQUENCE: u16 = 9999;

/// The sequence after this one.
#[must_use]
pub fn next_sequence(sequence: u16) -> u16 {
    if sequence >= MAX_SEQUENCE { 1 } else { sequence + 1 }
}

/// What a stream held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// A frame.
    Frame(Frame),
    /// A frame whose checksum is right and which says nothing known, or nothing that may be shown; its sequence where it has one.
    Refused(Option<u16>),
    /// A frame whose checksum is wrong; never answered, so that its sender repeats it.
    Damaged,
}

/// Finds frames in a byte stream, whatever stands between them.
#[derive(Clone, Debug, Default)]
pub struct FrameStream {
    /// From STX on; empty between frames.
    waiting: Vec<u8>,
}

impl FrameStream {
    /// A stream between two frames.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes as they arrive; gives the frames that they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Received> {
        bytes.iter().filter_map(|byte| self.push_byte(*byte)).collect()
    }

    fn push_byte(&mut self, byte: u8) -> Option<Received> {
        if byte == STX {
            let interrupted = !self.waiting.is_empty();
            self.waiting = vec![STX];
            return interrupted.then_some(Received::Damaged);
        }
        if self.waiting.is_empty() {
            return None;
        }
        self.waiting.push(byte);
        let end = self.waiting.iter().position(|byte| *byte == ETX);
        match end {
            Some(end) if self.waiting.len() == end + 5 => Some(self.complete(end)),
            None if self.waiting.len() > MAX_FRAME_BYTES => {
                self.waiting.clear();
                Some(Received::Damaged)
            }
            _ => None,
        }
    }

    fn complete(&mut self, end: usize) -> Received {
        let frame = std::mem::take(&mut self.waiting);
        let body = &frame[1..end];
        if frame[end + 1..] != *format!("{:04X}", crc16(body)).as_bytes() {
            return Received::Damaged;
        }
        Frame::decode(body).map_or_else(|| Received::Refused(sequence_of(body)), Received::Frame)
    }
}

fn sequence_of(body: &[u8]) -> Option<u16> {
    let digits = body.split(|byte| *byte == US as u8).next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// CRC-16/CCITT-FALSE: polynomial 1021, beginning with FFFF.
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(
            crc ^ (u16::from(*byte) << 8),
            |crc: u16, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn call(number: &str) -> BoardMessage {
        BoardMessage::Call(Call { number: number.to_owned(), desk: 3, times: 1 })
    }

    #[test]
    fn the_bytes_are_those_of_the_readme() {
        // The check value of CRC-16/CCITT-FALSE.
        assert_eq!(crc16(b"123456789"), 0x29B1);
        let bytes = Frame { sequence: 7, message: call("A105") }.encode();
        assert_eq!(bytes, b"\x027\x1FCALL\x1FA105\x1F3\x1F1\x032C9B".to_vec());
    }

    #[test]
    fn what_is_not_public_is_refused() {
        for number in ["", "001199000123", "NGUYEN THI", "a105", "A1\u{1F}5", "012345678"] {
            assert_eq!(call(number).check(), Err(MessageError::Number), "{number}");
        }
        let news = |text: &str| BoardMessage::News { text: text.to_owned() }.check();
        assert_eq!(news("Nghỉ trưa đến 13:30. Hỏi 1022."), Ok(()));
        assert_eq!(news("mời ông 001199000123"), Err(MessageError::News));
        assert_eq!(news("a\u{3}b"), Err(MessageError::News));
        assert_eq!(news(&"a".repeat(201)), Err(MessageError::News));
    }

    #[test]
    fn damaged_and_foreign_frames_are_told_apart() {
        let mut bytes = Frame { sequence: 7, message: call("A105") }.encode();
        bytes[9] ^= 1;
        assert_eq!(FrameStream::new().push(&bytes), [Received::Damaged]);
        let body = "9\u{1F}DANCE";
        let foreign = format!("\u{2}{body}\u{3}{:04X}", crc16(body.as_bytes()));
        assert_eq!(FrameStream::new().push(foreign.as_bytes()), [Received::Refused(Some(9))]);
    }

    fn messages() -> impl Strategy<Value = BoardMessage> {
        prop_oneof![
            ("[A-Z][0-9]{1,4}", 1..999_u16, 1..9_u8).prop_map(|(number, desk, times)| BoardMessage::Call(Call {
                number,
                desk,
                times
            })),
            "[a-zđờ .,]{0,80}".prop_map(|text| BoardMessage::News { text }),
            Just(BoardMessage::Clear),
            Just(BoardMessage::Beat),
            Just(BoardMessage::Ack),
            Just(BoardMessage::Nak),
        ]
    }

    proptest! {
        #[test]
        fn frames_round_trip_after_any_junk(junk: Vec<u8>, message in messages(), sequence in 1..=MAX_SEQUENCE) {
            let frame = Frame { sequence, message };
            let mut stream = FrameStream::new();
            stream.push(&junk);
            prop_assert_eq!(stream.push(&frame.encode()).pop(), Some(Received::Frame(frame)));
        }
    }
}
