//! From a pad's bytes to presses. Pure; total.

use std::time::{Duration, Instant};

use super::profile::{Framing, PadProfile};

/// The longest line that may be a press.
const MAX_LINE_BYTES: usize = 32;

/// What a pad's bytes held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A button of this level.
    Pressed(u8),
    /// What is no button of the profile.
    Junk,
}

/// Reads presses from a stream, wherever it is cut.
#[derive(Clone, Debug)]
pub struct PadStream {
    profile: PadProfile,
    waiting: Vec<u8>,
    too_long: bool,
}

impl PadStream {
    /// A stream between two presses.
    #[must_use]
    pub fn new(profile: PadProfile) -> Self {
        Self { profile, waiting: Vec::new(), too_long: false }
    }

    /// Takes bytes as they arrive; gives what they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Heard> {
        bytes.iter().filter_map(|byte| self.push_byte(*byte)).collect()
    }

    fn push_byte(&mut self, byte: u8) -> Option<Heard> {
        match self.profile.framing {
            Framing::Byte => Some(self.heard(&[byte])),
            Framing::Line if matches!(byte, b'\r' | b'\n') => self.end(),
            Framing::Line => {
                if self.waiting.len() < MAX_LINE_BYTES {
                    self.waiting.push(byte);
                } else {
                    self.too_long = true;
                }
                None
            }
        }
    }

    fn end(&mut self) -> Option<Heard> {
        let line = std::mem::take(&mut self.waiting);
        if std::mem::take(&mut self.too_long) {
            return Some(Heard::Junk);
        }
        let line = line.trim_ascii();
        (!line.is_empty()).then(|| self.heard(line))
    }

    fn heard(&self, sent: &[u8]) -> Heard {
        self.profile.level(sent).map_or(Heard::Junk, Heard::Pressed)
    }
}

/// Makes one press of those that follow one another closely, as of a button that bounces, is held down, or is pressed in impatience.
#[derive(Clone, Debug)]
pub struct Debounce {
    window: Duration,
    last: Option<Instant>,
}

impl Debounce {
    /// Presses less than `window` apart are one.
    #[must_use]
    pub const fn new(window: Duration) -> Self {
        Self { window, last: None }
    }

    /// Whether a press at `now` is a new one.
    pub fn is_new(&mut self, now: Instant) -> bool {
        let before = self.last.replace(now);
        before.is_none_or(|before| now.saturating_duration_since(before) >= self.window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stream(profile: &str) -> PadStream {
        PadStream::new(PadProfile::named(profile).unwrap())
    }

    #[test]
    fn presses_are_heard_and_junk_is_told() {
        use Heard::{Junk, Pressed};
        assert_eq!(stream("byte-5").push(b"15x"), [Pressed(1), Pressed(5), Junk]);
        assert_eq!(stream("byte-3-lamp").push(&[0xA1, 0xA3]), [Pressed(3), Pressed(1)]);
        assert_eq!(stream("line-5-lamp").push(b"KEY4\r\nKEY9\n\r\n KEY1 \r"), [Pressed(4), Junk, Pressed(1)]);
        let long = [vec![b'K'; 100], b"\rKEY2\r".to_vec()].concat();
        assert_eq!(stream("line-5-lamp").push(&long), [Junk, Pressed(2)]);
    }

    #[test]
    fn a_held_button_is_one_press() {
        let mut debounce = Debounce::new(Duration::from_millis(500));
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        // Each repetition keeps it held.
        let new: Vec<bool> = [0, 100, 400, 850, 1349, 1900].map(|ms| debounce.is_new(at(ms))).to_vec();
        assert_eq!(new, [true, false, false, false, false, true]);
    }

    proptest! {
        #[test]
        fn after_any_bytes_a_press_is_heard(bytes: Vec<u8>, level in 1..=5_u8) {
            for profile in ["byte-5", "line-5-lamp"] {
                let mut stream = stream(profile);
                stream.push(&bytes);
                stream.push(b"\r");
                let press = PadProfile::named(profile).unwrap().press(level).unwrap();
                prop_assert_eq!(stream.push(&press).pop(), Some(Heard::Pressed(level)));
            }
        }

        #[test]
        fn any_cut_gives_the_same(bytes: Vec<u8>, cut: prop::sample::Index) {
            for profile in ["byte-5", "line-5-lamp"] {
                let at = cut.index(bytes.len() + 1);
                let (mut whole, mut parts) = (stream(profile), stream(profile));
                let mut heard = parts.push(&bytes[..at]);
                heard.extend(parts.push(&bytes[at..]));
                prop_assert_eq!(whole.push(&bytes), heard);
            }
        }
    }
}
