//! What a printer model can do, as data.

use serde::{Deserialize, Serialize};

/// How a slip is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// All the way through.
    Full,
    /// Leaving a bridge of paper, so that slips do not fall.
    Partial,
    /// There is no cutter: the paper is fed to the tear bar.
    None,
}

/// How QR codes are put on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QrMode {
    /// Drawn by us: works on every printer.
    Raster,
    /// Drawn by the printer (`GS ( k`): a few hundred bytes instead of thousands.
    Native,
}

/// A printer model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name in settings.
    pub name: String,
    /// Printable width in dots, a multiple of eight.
    pub width_dots: u16,
    /// Dots a millimetre of paper (8 at 203 dpi).
    pub dots_per_mm: u16,
    /// Paper from the print head to the cutter, fed before the cut.
    pub head_to_cutter_dots: u16,
    /// Slowest printing to count with.
    pub mm_per_second: u16,
    /// The cutter.
    pub cut: Cut,
    /// How QR codes are made.
    pub qr: QrMode,
    /// Whether it sends its status by itself when told to (`GS a`).
    pub asb: bool,
    /// Whether it answers `DLE EOT` at all.
    pub answers_status: bool,
    /// Whether it confirms a job by its process id (`GS ( H`).
    pub confirms_by_process_id: bool,
}

/// The embedded profiles do not parse, or a given one does not.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not TOML, or a field is missing or not known.
    #[error("printer profiles: {0}")]
    Toml(#[from] toml::de::Error),
    /// The width is not a positive multiple of eight.
    #[error("printer profile {0}: width_dots must be a positive multiple of 8")]
    Width(String),
    /// A rate or scale is zero.
    #[error("printer profile {0}: dots_per_mm and mm_per_second must be positive")]
    Zero(String),
    /// No profile has this name.
    #[error("no printer profile is named {0}")]
    Unknown(String),
}

#[derive(Deserialize)]
struct File {
    printer: Vec<Profile>,
}

impl Profile {
    /// The embedded profiles (`fixtures/devices/printers.toml`).
    ///
    /// # Errors
    /// [`ProfileError`] when the embedded file is wrong; a test holds it right.
    pub fn all() -> Result<Vec<Self>, ProfileError> {
        Self::from_toml(include_str!("../../../fixtures/devices/printers.toml"))
    }

    /// An embedded profile by name.
    ///
    /// # Errors
    /// [`ProfileError::Unknown`] when there is none of this name.
    pub fn named(name: &str) -> Result<Self, ProfileError> {
        let found = Self::all()?.into_iter().find(|profile| profile.name == name);
        found.ok_or_else(|| ProfileError::Unknown(name.to_owned()))
    }

    /// Profiles from a TOML text with one `[[printer]]` a model.
    ///
    /// # Errors
    /// [`ProfileError`] says which field of which profile is wrong.
    pub fn from_toml(text: &str) -> Result<Vec<Self>, ProfileError> {
        let profiles = toml::from_str::<File>(text)?.printer;
        for profile in &profiles {
            if profile.width_dots == 0 || profile.width_dots % 8 != 0 {
                return Err(ProfileError::Width(profile.name.clone()));
            }
            if profile.dots_per_mm == 0 || profile.mm_per_second == 0 {
                return Err(ProfileError::Zero(profile.name.clone()));
            }
        }
        Ok(profiles)
    }

    /// The width in bytes of one row of dots.
    #[must_use]
    pub fn width_bytes(&self) -> usize {
        usize::from(self.width_dots / 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_profiles_are_right() {
        let names: Vec<_> = Profile::all().unwrap().into_iter().map(|profile| profile.name).collect();
        assert_eq!(names, ["generic-80mm", "generic-58mm", "clone-80mm", "write-only-80mm"]);
        assert_eq!(Profile::named("generic-80mm").unwrap().width_bytes(), 72);
        assert_eq!(Profile::named("generic-58mm").unwrap().width_dots, 384);
        assert!(matches!(Profile::named("none"), Err(ProfileError::Unknown(_))));
    }

    #[test]
    fn a_wrong_profile_is_refused() {
        let text = include_str!("../../../fixtures/devices/printers.toml");
        let narrow = text.replacen("width_dots = 576", "width_dots = 570", 1);
        assert!(matches!(Profile::from_toml(&narrow), Err(ProfileError::Width(_))));
        let still = text.replacen("mm_per_second = 60", "mm_per_second = 0", 1);
        assert!(matches!(Profile::from_toml(&still), Err(ProfileError::Zero(_))));
        assert!(matches!(Profile::from_toml("[[printer]]\nname='x'"), Err(ProfileError::Toml(_))));
    }
}
