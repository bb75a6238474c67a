//! Which recorded clips a phrase is made of. Pure.

use std::time::Duration;

use unicode_normalization::UnicodeNormalization;

use super::phrase::Region;

/// A clip: its name, which is that of its file without `.wav`, and what is heard in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Clip {
    /// The name of its file.
    pub name: &'static str,
    /// What is said.
    pub text: &'static str,
}

const fn clip(name: &'static str, text: &'static str) -> Clip {
    Clip { name, text }
}

/// All clips. Names have no marks; where two words would have one name, the one that stands in tens is `-chuc`.
pub const CLIPS: [Clip; 51] = [
    clip("moi-so", "mời số"),
    clip("uu-tien", "ưu tiên"),
    clip("den-quay-so", "đến quầy số"),
    clip("lan-thu", "lần thứ"),
    clip("khong", "không"),
    clip("mot", "một"),
    clip("hai", "hai"),
    clip("ba", "ba"),
    clip("bon", "bốn"),
    clip("nam", "năm"),
    clip("sau", "sáu"),
    clip("bay", "bảy"),
    clip("tam", "tám"),
    clip("chin", "chín"),
    clip("muoi", "mười"),
    clip("muoi-chuc", "mươi"),
    clip("mot-chuc", "mốt"),
    clip("tu", "tư"),
    clip("lam", "lăm"),
    clip("linh", "linh"),
    clip("le", "lẻ"),
    clip("tram", "trăm"),
    clip("nghin", "nghìn"),
    clip("trieu", "triệu"),
    clip("ty", "tỷ"),
    clip("A", "A"),
    clip("B", "B"),
    clip("C", "C"),
    clip("D", "D"),
    clip("E", "E"),
    clip("F", "F"),
    clip("G", "G"),
    clip("H", "H"),
    clip("I", "I"),
    clip("J", "J"),
    clip("K", "K"),
    clip("L", "L"),
    clip("M", "M"),
    clip("N", "N"),
    clip("O", "O"),
    clip("P", "P"),
    clip("Q", "Q"),
    clip("R", "R"),
    clip("S", "S"),
    clip("T", "T"),
    clip("U", "U"),
    clip("V", "V"),
    clip("W", "W"),
    clip("X", "X"),
    clip("Y", "Y"),
    clip("Z", "Z"),
];

/// The clips that calls in a region need.
pub fn needed(region: Region) -> impl Iterator<Item = Clip> {
    let foreign = match region {
        Region::North => "le",
        Region::South => "linh",
    };
    CLIPS.into_iter().filter(move |clip| clip.name != foreign)
}

/// Silence between two clips.
const GAP: Duration = Duration::from_millis(60);
/// Silence at a comma or another mark.
const PAUSE: Duration = Duration::from_millis(300);

/// A clip in a phrase, and the silence after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The clip.
    pub clip: Clip,
    /// How long nothing is heard then.
    pub silence: Duration,
}

/// A phrase holds words that no clip says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no clip says `{0}`")]
pub struct NoClip(pub String);

/// The clips of a phrase, such as [`super::calling`] makes: the longest that fits is taken each time.
///
/// # Errors
/// [`NoClip`] names the first word that no clip says.
pub fn plan(phrase: &str) -> Result<Vec<Step>, NoClip> {
    let words = words(phrase);
    let (mut steps, mut rest): (Vec<Step>, _) = (Vec::new(), words.as_slice());
    while let Some(first) = rest.first() {
        let (clip, length) = longest(rest).ok_or_else(|| NoClip(first.text.clone()))?;
        let pause = rest[..length].last().is_some_and(|word| word.pause);
        rest = &rest[length..];
        let silence = match rest {
            [] => Duration::ZERO,
            _ if pause => PAUSE,
            _ => GAP,
        };
        steps.push(Step { clip, silence });
    }
    Ok(steps)
}

struct Word {
    text: String,
    /// A mark stands after it.
    pause: bool,
}

/// Words in small letters; marks become pauses after the word before them.
fn words(phrase: &str) -> Vec<Word> {
    let composed: String = phrase.nfc().collect::<String>().to_lowercase();
    let mut words: Vec<Word> = Vec::new();
    for part in composed.split_whitespace() {
        let text = part.trim_matches(|letter: char| letter.is_ascii_punctuation());
        let pause = part.ends_with([',', '.', ';', ':', '!', '?']);
        match words.last_mut() {
            Some(before) if text.is_empty() => before.pause |= pause,
            _ if text.is_empty() => {}
            _ => words.push(Word { text: text.to_owned(), pause }),
        }
    }
    words
}

/// The longest clip that the words begin with, and how many of them it says. No clip is said across a mark.
fn longest(words: &[Word]) -> Option<(Clip, usize)> {
    let begins = |clip: &Clip| {
        // Most are ruled out by their first letter.
        let first = |text: &str| text.chars().next().map(|letter| letter.to_ascii_lowercase());
        (first(clip.text) == first(&words.first()?.text)).then_some(())?;
        let length = clip.text.split(' ').count();
        let beginning = words.get(..length)?;
        // All clips stand in small letters but those of one ASCII letter.
        let same = |(said, word): (&str, &Word)| said.eq_ignore_ascii_case(&word.text);
        let fits =
            clip.text.split(' ').zip(beginning).all(same) && !beginning[..length - 1].iter().any(|word| word.pause);
        fits.then_some((*clip, length))
    };
    CLIPS.iter().filter_map(begins).max_by_key(|(_, length)| *length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::announcer::{Priority, calling};

    fn names(phrase: &str) -> Vec<&'static str> {
        plan(phrase).unwrap().iter().map(|step| step.clip.name).collect()
    }

    #[test]
    fn a_call_is_made_of_clips() {
        let phrase = calling("A105", Priority::Ordinary, 3, 1, Region::North);
        assert_eq!(names(&phrase), ["moi-so", "A", "mot", "khong", "nam", "den-quay-so", "ba"]);
        let phrase = calling("B24", Priority::Priority, 21, 2, Region::North);
        let clips =
            ["moi-so", "uu-tien", "B", "hai", "bon", "den-quay-so", "hai", "muoi-chuc", "mot-chuc", "lan-thu", "hai"];
        assert_eq!(names(&phrase), clips);
        let steps = plan(&phrase).unwrap();
        assert_eq!((steps[0].silence, steps[8].silence, steps[10].silence), (GAP, PAUSE, Duration::ZERO));
        assert_eq!(plan("Mời số A một ra về"), Err(NoClip("ra".to_owned())));
        assert_eq!(plan(""), Ok(Vec::new()));
    }

    #[test]
    fn names_are_unique_and_plain_whatever_the_file_system_thinks_of_capitals() {
        let mut small: Vec<String> = CLIPS.iter().map(|clip| clip.name.to_lowercase()).collect();
        assert!(small.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
        small.sort();
        small.dedup();
        assert_eq!(small.len(), CLIPS.len());
        assert_eq!(needed(Region::North).count(), CLIPS.len() - 1);
    }

    /// What the clips say, one after the other, is the phrase.
    fn says(phrase: &str, region: Region) {
        let steps = plan(phrase).unwrap();
        let said: Vec<String> = steps.iter().map(|step| step.clip.text.to_lowercase()).collect();
        assert_eq!(said.join(" "), phrase.to_lowercase().replace(',', ""));
        let foreign = if region == Region::North { "le" } else { "linh" };
        assert!(steps.iter().all(|step| step.clip.name != foreign), "{phrase}");
    }

    #[test]
    fn every_ticket_and_every_desk_has_its_clips() {
        // How a ticket is read does not depend on the region.
        for letter in 'A'..='Z' {
            for number in 1..=999 {
                says(&calling(&format!("{letter}{number}"), Priority::Ordinary, 1, 1, Region::North), Region::North);
            }
        }
        for region in [Region::North, Region::South] {
            for desk in 1..=999 {
                says(&calling("A001", Priority::Priority, desk, u8::try_from(desk % 9).unwrap_or(1), region), region);
            }
        }
    }
}
