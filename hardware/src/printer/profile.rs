//! What a printer model can do, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::compact::Takes;
use super::native::LetterCell;
use super::raster::Natives;

static OURS: &str = include_str!("../../../fixtures/devices/printers.toml");
static DATABASE: &str = include_str!("../../../fixtures/devices/printers-database.toml");

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

/// How fast the line is taken to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineSpeed {
    /// As the line itself says.
    #[default]
    Auto,
    /// Every byte counts, whatever the line says (a converter from TCP or USB to a slow serial line).
    Slow,
    /// Bytes cost nothing.
    Fast,
}

/// How a slip is put into bytes. Either way gives the same page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// All of it as rows of dots.
    Raster,
    /// As few bytes as the printer's abilities allow.
    Compact,
}

/// A serial line slower than this is a slow one: a slip drawn as rows takes 26 seconds at 19200 baud, and five at 115200.
pub const SLOW_BELOW_BAUD: u32 = 115_200;
/// The paper of a printer whose width is not known: nothing is lost on any printer that fits 58 mm.
pub const SAFE_WIDTH_DOTS: u16 = 384;

/// A printer model. What is not known of one has the value with which no paper is lost and no status is believed that was not given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name in settings.
    pub name: String,
    /// Who makes it.
    #[serde(default)]
    pub vendor: String,
    /// Printable width in dots, a multiple of eight.
    #[serde(default = "safe_width_dots")]
    pub width_dots: u16,
    /// Dots a millimetre of paper (8 at 203 dpi).
    #[serde(default = "usual_dots_per_mm")]
    pub dots_per_mm: u16,
    /// Paper from the print head to the cutter, fed before the cut.
    #[serde(default = "usual_head_to_cutter_dots")]
    pub head_to_cutter_dots: u16,
    /// Slowest printing to count with.
    #[serde(default = "slow_mm_per_second")]
    pub mm_per_second: u16,
    /// The cutter.
    pub cut: Cut,
    /// How QR codes are made on a fast line.
    pub qr: QrMode,
    /// Whether it draws QR codes (`GS ( k`).
    #[serde(default)]
    pub native_qr: bool,
    /// Whether it takes rows of dots (`GS v 0`).
    #[serde(default = "usually")]
    pub rows: bool,
    /// Whether it takes columns of dots (`ESC *`).
    #[serde(default)]
    pub columns: bool,
    /// Whether it takes letters that we draw (`ESC &`).
    #[serde(default)]
    pub user_defined_characters: bool,
    /// Whether a left margin (`GS L`) moves rows of dots, too.
    #[serde(default)]
    pub margin: bool,
    /// Letters a line, by font.
    #[serde(default)]
    pub font_columns: Vec<u16>,
    /// Its code pages by number.
    #[serde(default)]
    pub code_pages: BTreeMap<String, String>,
    /// How fast the line is taken to be.
    #[serde(default)]
    pub line: LineSpeed,
    /// Whether it sends its status by itself when told to (`GS a`).
    #[serde(default)]
    pub asb: bool,
    /// Whether it answers `DLE EOT` at all.
    #[serde(default)]
    pub answers_status: bool,
    /// Whether it confirms a job by its process id (`GS ( H`).
    #[serde(default)]
    pub confirms_by_process_id: bool,
    /// Whether this entry was tried on such a printer.
    #[serde(default)]
    pub verified: bool,
    /// Where the entry comes from.
    pub source: String,
    /// The day of the source.
    pub as_of: jiff::civil::Date,
}

const fn safe_width_dots() -> u16 {
    SAFE_WIDTH_DOTS
}

const fn usual_dots_per_mm() -> u16 {
    8
}

const fn usual_head_to_cutter_dots() -> u16 {
    120
}

const fn slow_mm_per_second() -> u16 {
    40
}

const fn usually() -> bool {
    true
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
    #[error("no printer profile is named {name}; near it are {}", near.join(", "))]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The names most like it.
        near: Vec<String>,
    },
}

#[derive(Deserialize)]
struct File {
    printer: Vec<Profile>,
}

impl Profile {
    /// The embedded profiles: our own (`fixtures/devices/printers.toml`) and those of the open printer database
    /// (`fixtures/devices/printers-database.toml`).
    ///
    /// # Errors
    /// [`ProfileError`] when an embedded file is wrong; a test holds them right.
    pub fn all() -> Result<Vec<Self>, ProfileError> {
        let mut all = Self::from_toml(OURS)?;
        all.extend(Self::from_toml(DATABASE)?);
        Ok(all)
    }

    /// An embedded profile by name.
    ///
    /// # Errors
    /// [`ProfileError::Unknown`] when there is none of this name; it tells the names most like it.
    pub fn named(name: &str) -> Result<Self, ProfileError> {
        let is_it = |profile: &Self| profile.name == name;
        if let Some(found) = Self::from_toml(OURS)?.into_iter().find(is_it) {
            return Ok(found);
        }
        let mut all = Self::all()?;
        match all.iter().position(is_it) {
            Some(index) => Ok(all.swap_remove(index)),
            None => Err(ProfileError::Unknown { name: name.to_owned(), near: near_names(name, &all) }),
        }
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

    /// How a slip goes over a line of so many baud (none where the line is no bottleneck).
    #[must_use]
    pub fn encoding(&self, baud: Option<u32>) -> Encoding {
        let slow = match self.line {
            LineSpeed::Auto => baud.is_some_and(|baud| baud < SLOW_BELOW_BAUD),
            LineSpeed::Slow => true,
            LineSpeed::Fast => false,
        };
        if slow || !self.rows { Encoding::Compact } else { Encoding::Raster }
    }

    /// What the printer is left to draw by itself.
    #[must_use]
    pub fn natives(&self, encoding: Encoding) -> Natives {
        match encoding {
            Encoding::Raster => Natives { qr: self.qr, letters: None },
            Encoding::Compact if self.native_qr => Natives { qr: QrMode::Native, letters: self.letters() },
            Encoding::Compact => Natives { qr: self.qr, letters: self.letters() },
        }
    }

    /// In what forms it takes dots.
    #[must_use]
    pub fn takes(&self) -> Takes {
        Takes { rows: self.rows, columns: self.columns, letters: self.user_defined_characters, margin: self.margin }
    }

    /// Whether it can be given dots at all; a display of two lines of letters cannot.
    #[must_use]
    pub fn prints_dots(&self) -> bool {
        self.rows || self.columns
    }

    /// The cell of font A where it is the usual one, by the number of letters that fit a line.
    fn letters(&self) -> Option<LetterCell> {
        let columns = self.font_columns.first().copied().filter(|columns| *columns > 0)?;
        (self.width_dots / columns == u16::from(LetterCell::FONT_A.width_dots)).then_some(LetterCell::FONT_A)
    }

    /// The width in bytes of one row of dots.
    #[must_use]
    pub fn width_bytes(&self) -> usize {
        usize::from(self.width_dots / 8)
    }
}

/// The three names most like a wanted one: those that hold it first, then by the letters to be changed.
fn near_names(wanted: &str, all: &[Profile]) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let distance = |name: &str| if name.contains(&wanted) { 0 } else { 1 + edits(&wanted, name) };
    let mut names: Vec<_> = all.iter().map(|profile| (distance(&profile.name), &profile.name)).collect();
    names.sort();
    names.into_iter().take(3).map(|(_, name)| name.clone()).collect()
}

/// How many letters must be added, taken away or changed (Levenshtein).
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (at, other) in to.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[at + 1];
            row[at + 1] = changed.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_embedded_profiles_are_right() {
        let all = Profile::all().unwrap();
        let names: HashSet<_> = all.iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(names.len(), all.len(), "two profiles have one name");
        for name in
            ["generic-80mm", "generic-58mm", "clone-80mm", "write-only-80mm", "epson-tm-t82iii", "xprinter-xp-n160"]
        {
            assert!(names.contains(name), "{name}");
        }
        for profile in &all {
            let is_plain =
                |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-.".contains(letter);
            assert!(profile.name.chars().all(is_plain), "{}", profile.name);
            assert!(!profile.source.is_empty(), "{}", profile.name);
            assert!(!profile.verified, "{}: say in its source who tried it, and let this test know", profile.name);
            assert!(profile.qr == QrMode::Raster || profile.native_qr, "{}", profile.name);
            assert!(!profile.asb || profile.answers_status, "{}", profile.name);
            assert!(profile.code_pages.keys().all(|number| number.parse::<u8>().is_ok()), "{}", profile.name);
        }
        assert_eq!(Profile::named("generic-80mm").unwrap().width_bytes(), 72);
        assert_eq!(Profile::named("generic-58mm").unwrap().width_dots, 384);
    }

    #[test]
    fn what_the_database_does_not_know_is_not_promised() {
        let database = Profile::from_toml(DATABASE).unwrap();
        assert!(database.len() >= 50);
        for profile in &database {
            assert!(!profile.asb && !profile.answers_status && !profile.confirms_by_process_id, "{}", profile.name);
            assert!(!profile.user_defined_characters, "{}", profile.name);
        }
        let unknown = Profile::named("generic-simple").unwrap();
        assert_eq!((unknown.width_dots, unknown.native_qr), (SAFE_WIDTH_DOTS, false));
        assert!(!Profile::named("aures-ocd-300").unwrap().prints_dots());
        let columns_only = Profile::named("wincor-nixdorf-th230").unwrap();
        assert_eq!((columns_only.rows, columns_only.encoding(None)), (false, Encoding::Compact));
    }

    #[test]
    fn an_unknown_name_is_told_with_names_near_it() {
        let near = |name: &str| match Profile::named(name) {
            Err(ProfileError::Unknown { near, .. }) => near,
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(near("generic-80m")[0], "generic-80mm");
        assert_eq!(near("epson-tm-t82")[0], "epson-tm-t82iii");
        assert!(near("TM-T88").iter().all(|name| name.starts_with("epson-tm-t88")));
        assert_eq!(near("").len(), 3);
    }

    #[test]
    fn the_line_decides_the_encoding_unless_the_profile_does() {
        let mut profile = Profile::named("generic-80mm").unwrap();
        let by_line = [(None, Encoding::Raster), (Some(115_200), Encoding::Raster), (Some(38_400), Encoding::Compact)];
        for (baud, expected) in by_line {
            assert_eq!(profile.encoding(baud), expected, "{baud:?}");
        }
        profile.line = LineSpeed::Slow;
        assert_eq!(profile.encoding(None), Encoding::Compact);
        profile.line = LineSpeed::Fast;
        assert_eq!(profile.encoding(Some(9600)), Encoding::Raster);
    }

    #[test]
    fn a_wrong_profile_is_refused() {
        let narrow = OURS.replacen("width_dots = 576", "width_dots = 570", 1);
        assert!(matches!(Profile::from_toml(&narrow), Err(ProfileError::Width(_))));
        let still = OURS.replacen("mm_per_second = 60", "mm_per_second = 0", 1);
        assert!(matches!(Profile::from_toml(&still), Err(ProfileError::Zero(_))));
        assert!(matches!(Profile::from_toml("[[printer]]\nname='x'"), Err(ProfileError::Toml(_))));
    }
}
