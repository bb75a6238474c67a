//! "What do you need?": from a citizen's own words to a procedure, without a network.
//!
//! A question is read (`reading`: abbreviations, what Telex leaves behind, misspellings), compared with what people call
//! each procedure (`index`, from the catalogue's names and the officers' [`data`]), and judged (`judge`): one procedure,
//! a question back, or "not here". `docs/finder.md` tells how an officer edits and tries the data.

pub mod check;
pub mod data;
mod index;
mod judge;
mod likeness;
mod reading;
mod spelling;
mod telex;
mod vocabulary;

use crate::catalogue::Catalogue;
use crate::ids::ProcedureCode;
pub use data::{Data, DataFault};
use index::Index;
use serde::Serialize;

/// How many characters of a question are read; what comes after tells nothing new.
pub const LONGEST_QUESTION: usize = 400;

/// How many procedures an answer names at most.
pub const MOST_CANDIDATES: usize = 3;

/// What the finder says to a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The first candidate is meant.
    One,
    /// Several may be meant: ask back.
    Ask,
    /// Nothing that this place does, or nothing that makes sense.
    Unknown,
}

/// A procedure that may be meant, and why.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    /// The procedure.
    pub code: ProcedureCode,
    /// How well it fits, from 0 to 1.
    pub score: f32,
    /// The words of the question that spoke for it, as they were written.
    pub words: Vec<String>,
    /// What people call it that is most like the question.
    pub like: String,
}

/// A sentence in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Said {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

/// The answer to a question.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// What kind of answer it is.
    pub answer: Answer,
    /// What may be meant, the best first, [`MOST_CANDIDATES`] at most; none where the answer is [`Answer::Unknown`].
    pub candidates: Vec<Candidate>,
    /// What to ask back, where the answer is [`Answer::Ask`].
    pub question: Option<Said>,
    /// Whose business it is, where the answer is [`Answer::Unknown`] and that is known.
    pub elsewhere: Option<Said>,
}

/// Finds procedures; made once, asked often.
#[derive(Clone, Debug)]
pub struct Finder {
    index: Index,
}

impl Finder {
    /// Prepares a finder of the catalogue's procedures.
    ///
    /// # Errors
    /// The data and the catalogue do not fit each other.
    pub fn new(catalogue: &Catalogue, data: &Data) -> Result<Self, DataFault> {
        data.fits(catalogue)?;
        Ok(Self { index: Index::new(catalogue, data) })
    }

    /// The finder over what is shipped.
    ///
    /// # Errors
    /// None, as long as the tests pass.
    pub fn embedded(catalogue: &Catalogue) -> Result<Self, DataFault> {
        Self::new(catalogue, &Data::embedded()?)
    }

    /// Answers a question, whatever it is. Only its first [`LONGEST_QUESTION`] characters count.
    pub fn find(&self, question: &str) -> Found {
        if !question.chars().any(char::is_alphabetic) {
            return self.by_code(question.trim());
        }
        let words = reading::read(question, self.index.vocabulary());
        judge::judge(&self.index, &words)
    }

    /// What holds no word is a procedure's code, or nothing.
    fn by_code(&self, text: &str) -> Found {
        let known = self.index.coded(text).map(|code| Candidate {
            code: code.clone(),
            score: 1.0,
            words: vec![text.to_owned()],
            like: text.to_owned(),
        });
        let answer = if known.is_some() { Answer::One } else { Answer::Unknown };
        Found { answer, candidates: known.into_iter().collect(), question: None, elsewhere: None }
    }
}
