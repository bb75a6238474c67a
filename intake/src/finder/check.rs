//! How well the finder answers a file of questions, as `motcua find --check` and the tests count it.

use super::{Answer, Finder};
use crate::ids::ProcedureCode;
use serde::Deserialize;
use std::fmt;

/// A question and what should be said to it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// In a citizen's words.
    pub question: String,
    /// The procedure that should come first.
    #[serde(default)]
    pub procedure: Option<ProcedureCode>,
    /// The answer that is expected, where there is no one procedure.
    #[serde(default)]
    pub answer: Option<Wanted>,
}

/// What is expected of a question that means no one procedure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// To ask back.
    Ask,
    /// To refuse.
    Unknown,
}

/// A line that is no question.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line} is no question with a procedure or an answer: {why}")]
pub struct NoQuestion {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// Reads questions, one a line (JSON Lines); empty lines are passed over.
///
/// # Errors
/// The first line that is no question.
pub fn questions(text: &str) -> Result<Vec<Question>, NoQuestion> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(at, line): (usize, &str)| {
        let fault = |why: String| NoQuestion { line: at + 1, why };
        let question: Question = serde_json::from_str(line).map_err(|why| fault(why.to_string()))?;
        if question.procedure.is_some() == question.answer.is_some() {
            return Err(fault("it must have one of both".to_owned()));
        }
        Ok(question)
    };
    lines.map(read).collect()
}

/// A part of a whole.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Share {
    /// How many of them.
    pub good: usize,
    /// Of how many.
    pub all: usize,
}

impl Share {
    fn count(&mut self, good: bool) {
        self.all += 1;
        self.good += usize::from(good);
    }

    /// In percent; of nothing, all.
    pub fn percent(self) -> f64 {
        if self.all == 0 { 100.0 } else { self.good as f64 * 100.0 / self.all as f64 }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} % ({} of {})", self.percent(), self.good, self.all)
    }
}

/// A question that was answered otherwise than expected.
#[derive(Clone, PartialEq, Debug)]
pub struct Confusion {
    /// The question.
    pub question: String,
    /// What was expected: a code, `ask` or `unknown`.
    pub wanted: String,
    /// What was answered: the answer, and the candidates with their scores.
    pub got: String,
}

/// What came of a file of questions.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Figures {
    /// The right procedure came first.
    pub first: Share,
    /// It was among the candidates.
    pub among: Share,
    /// It was told at once, where it came first at all.
    pub at_once: Share,
    /// What belongs elsewhere or is nonsense was refused.
    pub refused: Share,
    /// What is vague was asked back.
    pub asked: Share,
    /// What was not as expected.
    pub confusions: Vec<Confusion>,
}

/// Asks all questions and counts.
pub fn check(finder: &Finder, questions: &[Question]) -> Figures {
    let mut figures = Figures::default();
    for question in questions {
        figures.ask(finder, question);
    }
    figures
}

impl Figures {
    fn ask(&mut self, finder: &Finder, question: &Question) {
        let found = finder.find(&question.question);
        let place = |code: &ProcedureCode| found.candidates.iter().position(|it| it.code == *code);
        let good = match (&question.procedure, question.answer) {
            (Some(code), _) => {
                let place = place(code);
                self.first.count(place == Some(0));
                self.among.count(place.is_some());
                if place == Some(0) {
                    self.at_once.count(found.answer == Answer::One);
                }
                place == Some(0)
            }
            (None, Some(Wanted::Ask)) => {
                self.asked.count(found.answer == Answer::Ask);
                found.answer == Answer::Ask
            }
            (None, _) => {
                self.refused.count(found.answer == Answer::Unknown);
                found.answer == Answer::Unknown
            }
        };
        if !good {
            let wanted = match (&question.procedure, question.answer) {
                (Some(code), _) => code.to_string(),
                (None, Some(Wanted::Ask)) => "ask".to_owned(),
                (None, _) => "unknown".to_owned(),
            };
            let candidates = found.candidates.iter().map(|it| format!("{} {:.2}", it.code, it.score));
            let got = format!("{:?}: {}", found.answer, candidates.collect::<Vec<_>>().join(", ")).to_lowercase();
            self.confusions.push(Confusion { question: question.question.clone(), wanted, got });
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the right procedure first:   {}", self.first)?;
        writeln!(f, "among the candidates:        {}", self.among)?;
        writeln!(f, "first, and told at once:     {}", self.at_once)?;
        writeln!(f, "not ours, and refused:       {}", self.refused)?;
        writeln!(f, "vague, and asked back:       {}", self.asked)?;
        for confusion in &self.confusions {
            writeln!(f, "  {:<9} {} -> {}", confusion.wanted, confusion.question, confusion.got)?;
        }
        Ok(())
    }
}
