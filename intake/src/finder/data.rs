//! What an officer may edit: how people's words map to procedures. `fixtures/finder/README.md` explains each part.

use crate::catalogue::Catalogue;
use crate::ids::ProcedureCode;
use crate::words::{nfc, search_key};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// More concepts than this do not fit into one comparison.
pub const MOST_CONCEPTS: usize = 128;

/// The data as it stands in its file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The day of its last change, or any other name of this version.
    pub version: String,
    /// Words that tell nothing about what is wanted (`tôi`, `ạ`, `please`).
    pub stop_words: Vec<String>,
    /// What people write for longer words (`cccd`).
    pub short_forms: BTreeMap<String, String>,
    /// Words that mean the same.
    pub concepts: Vec<Concept>,
    /// What people call each procedure of the catalogue.
    pub procedures: Vec<Names>,
    /// What people ask for and others do.
    pub elsewhere: Vec<Elsewhere>,
    /// What is too vague to be answered at once.
    pub vague: Vec<Vague>,
}

/// Words that mean the same, such as `bố`, `ba` and `tía`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concept {
    /// Its name in data.
    pub id: String,
    /// Whether it tells variants apart: a question with it does not mean a procedure without it.
    #[serde(default)]
    pub decides: bool,
    /// The words and phrases.
    pub words: Vec<String>,
}

/// What people call a procedure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// The procedure.
    pub code: ProcedureCode,
    /// Concepts without which it is not meant: the variant for foreigners needs a word of `foreign`.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Phrases, in either language.
    pub phrases: Vec<String>,
}

/// Something that is done elsewhere or not at all.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    /// Its name in data.
    pub id: String,
    /// What it is and who does it, in Vietnamese.
    pub name_vi: String,
    /// The same in English.
    pub name_en: String,
    /// Phrases, in either language.
    pub phrases: Vec<String>,
}

/// Something too vague, and the question that makes it clear.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vague {
    /// Its name in data.
    pub id: String,
    /// What to ask back, in Vietnamese.
    pub question_vi: String,
    /// The same in English.
    pub question_en: String,
    /// What is most likely meant, the most likely first.
    pub codes: Vec<ProcedureCode>,
    /// Phrases, in either language.
    pub phrases: Vec<String>,
}

/// What is wrong with the data.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DataFault {
    /// It is not the JSON of such data.
    #[error("not the finder's data: {0}")]
    Unreadable(String),
    /// It does not say which version it is.
    #[error("the data has no version")]
    NoVersion,
    /// A text is empty, has no letter in it, or is not in NFC.
    #[error("{place}: the text {text:?} is empty or not in NFC")]
    Text {
        /// Where it stands.
        place: String,
        /// The text.
        text: String,
    },
    /// Something stands twice.
    #[error("{0} stands twice")]
    Twice(String),
    /// A procedure without phrases.
    #[error("{0} has no phrases")]
    NoPhrases(String),
    /// A phrase that two procedures have: it can tell neither.
    #[error("the phrase {phrase:?} stands at {first} and at {second}")]
    Shared {
        /// The phrase.
        phrase: String,
        /// One procedure.
        first: ProcedureCode,
        /// The other.
        second: ProcedureCode,
    },
    /// A concept that is needed and not there.
    #[error("{code} needs the unknown concept {concept}")]
    NoConcept {
        /// The procedure.
        code: ProcedureCode,
        /// The concept.
        concept: String,
    },
    /// More concepts than [`MOST_CONCEPTS`].
    #[error("{0} concepts are more than {MOST_CONCEPTS}")]
    TooManyConcepts(usize),
    /// A vague topic that does not name one to three procedures.
    #[error("the vague topic {0} must name one to three procedures")]
    Codes(String),
    /// A procedure that the catalogue does not have.
    #[error("the catalogue has no procedure {0}")]
    NoProcedure(ProcedureCode),
    /// A procedure of the catalogue that the data does not have.
    #[error("the data has nothing for the procedure {0}")]
    Missing(ProcedureCode),
}

impl Data {
    /// Reads and checks data.
    ///
    /// # Errors
    /// The first fault that is found.
    pub fn parse(json: &str) -> Result<Self, DataFault> {
        let data: Self = serde_json::from_str(json).map_err(|fault| DataFault::Unreadable(fault.to_string()))?;
        if data.version.trim().is_empty() {
            return Err(DataFault::NoVersion);
        }
        data.check_texts()?;
        data.check_ids()?;
        data.check_concepts()?;
        data.check_shared()?;
        match data.vague.iter().find(|topic| !(1..=super::MOST_CANDIDATES).contains(&topic.codes.len())) {
            Some(topic) => Err(DataFault::Codes(topic.id.clone())),
            None => Ok(data),
        }
    }

    /// The data that is shipped.
    ///
    /// # Errors
    /// None, as long as the tests pass.
    pub fn embedded() -> Result<Self, DataFault> {
        Self::parse(include_str!("../../../fixtures/finder/words.json"))
    }

    /// Whether the data speaks of the catalogue's procedures, of all and of no others.
    pub(super) fn fits(&self, catalogue: &Catalogue) -> Result<(), DataFault> {
        let named = self.procedures.iter().map(|names| &names.code);
        let asked = self.vague.iter().flat_map(|topic| &topic.codes);
        if let Some(strange) = named.chain(asked).find(|code| catalogue.get(code).is_none()) {
            return Err(DataFault::NoProcedure(strange.clone()));
        }
        let have: BTreeSet<_> = self.procedures.iter().map(|names| &names.code).collect();
        match catalogue.procedures().iter().find(|procedure| !have.contains(&procedure.code)) {
            Some(missing) => Err(DataFault::Missing(missing.code.clone())),
            None => Ok(()),
        }
    }

    /// Every list of phrases, with the name of its place.
    pub(super) fn lists(&self) -> impl Iterator<Item = (&str, &[String])> {
        let procedures = self.procedures.iter().map(|it| (it.code.as_str(), &it.phrases[..]));
        let elsewhere = self.elsewhere.iter().map(|it| (it.id.as_str(), &it.phrases[..]));
        let vague = self.vague.iter().map(|it| (it.id.as_str(), &it.phrases[..]));
        let concepts = self.concepts.iter().map(|it| (it.id.as_str(), &it.words[..]));
        procedures.chain(elsewhere).chain(vague).chain(concepts)
    }

    /// Every text that stands for words of a question.
    pub fn phrases(&self) -> impl Iterator<Item = &str> {
        self.lists().flat_map(|(_, phrases)| phrases).map(String::as_str)
    }

    fn check_texts(&self) -> Result<(), DataFault> {
        let wrong = |text: &&String| search_key(text).is_empty() || nfc(text) != **text;
        for (place, phrases) in self.lists() {
            if phrases.is_empty() {
                return Err(DataFault::NoPhrases(place.to_owned()));
            }
            if let Some(text) = phrases.iter().find(wrong) {
                return Err(DataFault::Text { place: place.to_owned(), text: text.clone() });
            }
        }
        let place = |place: &str, text: &String| DataFault::Text { place: place.to_owned(), text: text.clone() };
        if let Some(text) = self.stop_words.iter().find(wrong) {
            return Err(place("stop_words", text));
        }
        match self.short_forms.iter().flat_map(|(short, long)| [short, long]).find(wrong) {
            Some(text) => Err(place("short_forms", text)),
            None => Ok(()),
        }
    }

    fn check_ids(&self) -> Result<(), DataFault> {
        let mut seen = BTreeSet::new();
        let topics = self.elsewhere.iter().map(|it| it.id.as_str()).chain(self.vague.iter().map(|it| it.id.as_str()));
        let mut ids = topics.chain(self.procedures.iter().map(|it| it.code.as_str()));
        if let Some(twice) = ids.find(|id| !seen.insert(*id)) {
            return Err(DataFault::Twice(twice.to_owned()));
        }
        let mut seen = BTreeSet::new();
        match self.concepts.iter().find(|concept| !seen.insert(&concept.id)) {
            Some(twice) => Err(DataFault::Twice(twice.id.clone())),
            None => Ok(()),
        }
    }

    fn check_concepts(&self) -> Result<(), DataFault> {
        if self.concepts.len() > MOST_CONCEPTS {
            return Err(DataFault::TooManyConcepts(self.concepts.len()));
        }
        let known: BTreeSet<_> = self.concepts.iter().map(|concept| &concept.id).collect();
        for names in &self.procedures {
            if let Some(concept) = names.needs.iter().find(|need| !known.contains(need)) {
                return Err(DataFault::NoConcept { code: names.code.clone(), concept: concept.clone() });
            }
        }
        Ok(())
    }

    fn check_shared(&self) -> Result<(), DataFault> {
        let mut whose: BTreeMap<String, &ProcedureCode> = BTreeMap::new();
        for names in &self.procedures {
            for phrase in &names.phrases {
                if let Some(first) = whose.insert(search_key(phrase), &names.code).filter(|it| **it != names.code) {
                    let (first, second) = (first.clone(), names.code.clone());
                    return Err(DataFault::Shared { phrase: phrase.clone(), first, second });
                }
            }
        }
        Ok(())
    }
}
