//! What a text display can do, as data.

use serde::{Deserialize, Serialize};

/// Which bytes a display understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DisplayProtocol {
    /// The customer display command set of Epson DM-D; nothing comes back.
    EscposDm,
    /// The board's framed protocol; frames are acknowledged.
    Board,
}

/// Which letters a display has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charset {
    /// Plain letters: Vietnamese is shown without its marks.
    Ascii,
    /// All letters.
    Utf8,
}

/// A display model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisplayProfile {
    /// Its name in settings.
    pub name: String,
    /// Its command set.
    pub protocol: DisplayProtocol,
    /// Characters in a row.
    pub columns: u8,
    /// Rows.
    pub lines: u8,
    /// Its letters.
    pub charset: Charset,
    /// How bright, 1 to 4; left as it is where none is given.
    #[serde(default)]
    pub brightness: Option<u8>,
    /// Whether it blinks when told to.
    pub blinks: bool,
}

/// The embedded profiles do not parse, or a given one does not.
#[derive(Debug, thiserror::Error)]
pub enum DisplayProfileError {
    /// Not TOML, or a field is missing or not known.
    #[error("display profiles: {0}")]
    Toml(#[from] toml::de::Error),
    /// Columns, lines or brightness are not those of a display.
    #[error("display profile {0}: columns must be 4 to 80, lines 1 to 8, brightness 1 to 4")]
    Range(String),
    /// The command set has no letters beyond ASCII.
    #[error("display profile {0}: escpos-dm shows ascii only")]
    Charset(String),
    /// No profile has this name.
    #[error("no display profile is named {0}")]
    Unknown(String),
}

#[derive(Deserialize)]
struct Profiles {
    display: Vec<DisplayProfile>,
}

impl DisplayProfile {
    /// What it is where a station's file does not say.
    pub const USUAL: &str = "vfd-2x20";

    /// Reads profiles from TOML.
    ///
    /// # Errors
    /// [`DisplayProfileError`] says what is wrong with which.
    pub fn from_toml(toml: &str) -> Result<Vec<Self>, DisplayProfileError> {
        let profiles = toml::from_str::<Profiles>(toml)?.display;
        profiles.iter().try_for_each(Self::check)?;
        Ok(profiles)
    }

    /// The embedded profiles.
    ///
    /// # Errors
    /// As [`DisplayProfile::from_toml`].
    pub fn all() -> Result<Vec<Self>, DisplayProfileError> {
        Self::from_toml(include_str!("../../../fixtures/devices/displays.toml"))
    }

    /// The embedded profile of a name.
    ///
    /// # Errors
    /// [`DisplayProfileError::Unknown`] when there is none.
    pub fn named(name: &str) -> Result<Self, DisplayProfileError> {
        let unknown = || DisplayProfileError::Unknown(name.to_owned());
        Self::all()?.into_iter().find(|profile| profile.name == name).ok_or_else(unknown)
    }

    fn check(&self) -> Result<(), DisplayProfileError> {
        let bright = self.brightness.is_none_or(|brightness| (1..=4).contains(&brightness));
        if !(4..=80).contains(&self.columns) || !(1..=8).contains(&self.lines) || !bright {
            return Err(DisplayProfileError::Range(self.name.clone()));
        }
        if self.protocol == DisplayProtocol::EscposDm && self.charset != Charset::Ascii {
            return Err(DisplayProfileError::Charset(self.name.clone()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_profiles_are_read_and_wrong_ones_are_told() {
        assert_eq!(DisplayProfile::named("vfd-2x20").unwrap().columns, 20);
        assert!(matches!(DisplayProfile::named("x"), Err(DisplayProfileError::Unknown(_))));
        let one = |columns: &str, charset: &str| {
            DisplayProfile::from_toml(&format!(
                "[[display]]\nname='x'\nprotocol='escpos-dm'\ncolumns={columns}\nlines=1\ncharset='{charset}'\nblinks=false"
            ))
        };
        assert!(one("16", "ascii").is_ok());
        assert!(matches!(one("3", "ascii"), Err(DisplayProfileError::Range(_))));
        assert!(matches!(one("16", "utf8"), Err(DisplayProfileError::Charset(_))));
        assert!(matches!(one("16", "tcvn"), Err(DisplayProfileError::Toml(_))));
    }
}
