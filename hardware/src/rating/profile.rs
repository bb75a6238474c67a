//! What a rating pad sends and takes, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

/// How presses are told apart on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// One byte a press.
    Byte,
    /// A line of ASCII a press, ended by CR, LF or both.
    Line,
}

/// A pad model.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PadProfile {
    /// Its name in settings.
    pub name: String,
    /// How presses are told apart.
    pub framing: Framing,
    /// How many levels it has, 3 to 5; the highest is the best.
    pub levels: u8,
    /// What a press sends: two hexadecimal digits of a byte, or the text of a line; and its level.
    pub buttons: BTreeMap<String, u8>,
    /// Wakes the pad.
    #[serde(default, deserialize_with = "hexadecimal")]
    pub enable: Vec<u8>,
    /// Lets it sleep.
    #[serde(default, deserialize_with = "hexadecimal")]
    pub disable: Vec<u8>,
    /// Lights its lamp.
    #[serde(default, deserialize_with = "hexadecimal")]
    pub lamp_on: Vec<u8>,
    /// Puts its lamp out.
    #[serde(default, deserialize_with = "hexadecimal")]
    pub lamp_off: Vec<u8>,
    /// Tells the person that the press was taken.
    #[serde(default, deserialize_with = "hexadecimal")]
    pub thanks: Vec<u8>,
    /// Presses that follow one another more closely, in milliseconds, count as one.
    #[serde(default = "usual_debounce")]
    pub debounce_ms: u32,
}

const fn usual_debounce() -> u32 {
    1500
}

/// The embedded profiles do not parse, or a given one does not.
#[derive(Debug, thiserror::Error)]
pub enum PadProfileError {
    /// Not TOML, or a field is missing, not known or no hexadecimal.
    #[error("pad profiles: {0}")]
    Toml(#[from] toml::de::Error),
    /// The levels are not 3 to 5, or a level has no button, or a button no level.
    #[error("pad profile {0}: levels must be 3 to 5, and each of them the level of a button")]
    Levels(String),
    /// A button is not what its framing sends.
    #[error("pad profile {0}: a button is two hexadecimal digits (byte), or 1 to 16 printable letters (line)")]
    Button(String),
    /// No profile has this name.
    #[error("no pad profile is named {0}")]
    Unknown(String),
}

#[derive(Deserialize)]
struct File {
    pad: Vec<PadProfile>,
}

impl PadProfile {
    /// What it is where a station's file does not say.
    pub const USUAL: &str = "byte-5";

    /// The embedded profiles (`fixtures/devices/rating_pads.toml`).
    ///
    /// # Errors
    /// [`PadProfileError`] when the embedded file is wrong; a test holds it right.
    pub fn all() -> Result<Vec<Self>, PadProfileError> {
        Self::from_toml(include_str!("../../../fixtures/devices/rating_pads.toml"))
    }

    /// An embedded profile by name.
    ///
    /// # Errors
    /// [`PadProfileError::Unknown`] when there is none of this name.
    pub fn named(name: &str) -> Result<Self, PadProfileError> {
        let found = Self::all()?.into_iter().find(|profile| profile.name == name);
        found.ok_or_else(|| PadProfileError::Unknown(name.to_owned()))
    }

    /// Profiles from a TOML text with one `[[pad]]` a model.
    ///
    /// # Errors
    /// [`PadProfileError`] says what of which profile is wrong.
    pub fn from_toml(text: &str) -> Result<Vec<Self>, PadProfileError> {
        let profiles = toml::from_str::<File>(text)?.pad;
        profiles.iter().try_for_each(Self::check)?;
        Ok(profiles)
    }

    fn check(&self) -> Result<(), PadProfileError> {
        let reached = (1..=self.levels).all(|level| self.buttons.values().any(|of| *of == level));
        if !(3..=5).contains(&self.levels) || !reached || self.buttons.values().any(|of| *of > self.levels || *of == 0)
        {
            return Err(PadProfileError::Levels(self.name.clone()));
        }
        let is_line = |key: &String| (1..=16).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        let fits = match self.framing {
            Framing::Byte => self.buttons.keys().all(|key| key.len() == 2 && bytes_of(key).is_some()),
            Framing::Line => self.buttons.keys().all(is_line),
        };
        if fits { Ok(()) } else { Err(PadProfileError::Button(self.name.clone())) }
    }

    /// The level of what a press sent.
    pub(super) fn level(&self, sent: &[u8]) -> Option<u8> {
        match self.framing {
            Framing::Byte => self.buttons.iter().find(|(key, _)| bytes_of(key).as_deref() == Some(sent)),
            Framing::Line => self.buttons.iter().find(|(key, _)| key.as_bytes() == sent),
        }
        .map(|(_, level)| *level)
    }

    /// What a press of a level sends, with the end of its line.
    #[must_use]
    pub fn press(&self, level: u8) -> Option<Vec<u8>> {
        let (key, _) = self.buttons.iter().find(|(_, of)| **of == level)?;
        match self.framing {
            Framing::Byte => bytes_of(key),
            Framing::Line => Some([key.as_bytes(), b"\r\n"].concat()),
        }
    }
}

/// `4C 31` is two bytes; blanks are passed over.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().filter(|c| *c != ' ').map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks_exact(2).map(|pair| (pair[0] << 4) | pair[1]).collect())
}

fn hexadecimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    bytes_of(&text).ok_or_else(|| serde::de::Error::custom("not pairs of hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "[[pad]]\nname='x'\nframing='byte'\nlevels=3\nbuttons={ 31=1, 32=2, 33=3 }\nlamp_on='4C 31'\n";

    #[test]
    fn profiles_are_read_and_wrong_ones_are_told() {
        assert_eq!(PadProfile::all().unwrap().len(), 3);
        assert!(matches!(PadProfile::named("none"), Err(PadProfileError::Unknown(_))));
        let one = &PadProfile::from_toml(ONE).unwrap()[0];
        assert_eq!((one.lamp_on.as_slice(), one.debounce_ms), (b"L1".as_slice(), 1500));
        assert_eq!((one.level(b"2"), one.level(b"9"), one.press(3)), (Some(2), None, Some(b"3".to_vec())));
        let wrong = |from: &str, to: &str| PadProfile::from_toml(&ONE.replace(from, to)).unwrap_err();
        assert!(matches!(wrong("33=3", "33=4"), PadProfileError::Levels(_)));
        assert!(matches!(wrong("levels=3", "levels=6"), PadProfileError::Levels(_)));
        assert!(matches!(wrong("33=3", "3=3"), PadProfileError::Button(_)));
        assert!(matches!(wrong("4C 31", "4C 3"), PadProfileError::Toml(_)));
    }
}
