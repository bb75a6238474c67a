//! "What do you need?": the procedures that fit a citizen's words, at a kiosk, at a counter, and at a command line for a
//! program or an officer, with how good the officer's data is. Needs no network.

use crate::clock::{Clock, MachineClock};
use crate::wording;
use intake::catalogue::{Catalogue, Procedure};
use intake::finder::check::{self, NoQuestion};
use intake::finder::{Answer, Candidate, Data, DataFault, Finder, Found};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The catalogue and a finder over it.
pub struct Guide {
    catalogue: Catalogue,
    finder: Finder,
    clock: MachineClock,
}

/// The procedures that fit what somebody wrote: first what the finder takes it for, then those whose titles hold the words.
/// With no words, all.
pub(crate) fn procedures<'a>(catalogue: &'a Catalogue, words: &str) -> Vec<&'a Procedure> {
    let titled = catalogue.search(words);
    if words.trim().is_empty() {
        return titled;
    }
    let candidates = shipped(catalogue).map(|finder| finder.find(words).candidates).unwrap_or_default();
    let meant = candidates.iter().filter_map(|candidate| catalogue.get(&candidate.code));
    let mut seen = BTreeSet::new();
    meant.chain(titled).filter(|known| seen.insert(known.code.clone())).collect()
}

/// The finder over what is shipped, made once; none where its data is broken, and titles are searched all the same.
pub(crate) fn shipped(catalogue: &Catalogue) -> Option<&'static Finder> {
    static SHIPPED: OnceLock<Option<Finder>> = OnceLock::new();
    let make = || Finder::embedded(catalogue).inspect_err(|fault| tracing::error!(%fault, "no finder")).ok();
    SHIPPED.get_or_init(make).as_ref()
}

/// Makes the finder ready while nobody waits for it.
pub(crate) fn warm(catalogue: &Arc<Catalogue>) {
    let catalogue = Arc::clone(catalogue);
    let body = move || {
        shipped(&catalogue);
    };
    if let Err(error) = std::thread::Builder::new().name("finder".into()).spawn(body) {
        tracing::warn!(%error, "the first search will make the finder");
    }
}

/// Why there is no guide, or no figures.
#[derive(Debug, thiserror::Error)]
pub enum GuideFault {
    /// The catalogue that is shipped is broken.
    #[error("the catalogue cannot be read: {0}")]
    Catalogue(String),
    /// A file cannot be read.
    #[error("{} cannot be read: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// The data is wrong; the fault says where.
    #[error("the finder's data is wrong: {0}")]
    Data(#[from] DataFault),
    /// The questions are wrong.
    #[error("the questions are wrong: {0}")]
    Questions(#[from] NoQuestion),
}

impl Guide {
    /// A guide with the data of this file, or with what is shipped.
    ///
    /// # Errors
    /// The file cannot be read, or its data is wrong.
    pub fn open(data: Option<&Path>) -> Result<Self, GuideFault> {
        let catalogue = Catalogue::embedded().map_err(|fault| GuideFault::Catalogue(fault.to_string()))?;
        let data = match data {
            Some(path) => Data::parse(&read(path)?)?,
            None => Data::embedded()?,
        };
        let finder = Finder::new(&catalogue, &data)?;
        Ok(Self { catalogue, finder, clock: MachineClock::default() })
    }

    /// The answer to a line as a line of JSON: `{"answer": …, "candidates": [{"code": …, "score": …}]}`. Bytes that are no
    /// UTF-8 are read as the unknown letter.
    pub fn answer_json(&self, line: &[u8]) -> String {
        let found = self.finder.find(&String::from_utf8_lossy(line));
        let candidate = |it: &Candidate| json!({ "code": it.code, "score": rounded(it.score) });
        let candidates: Vec<_> = found.candidates.iter().map(candidate).collect();
        json!({ "answer": found.answer, "candidates": candidates }).to_string()
    }

    /// The answer in an officer's words.
    pub fn answer_in_words(&self, line: &[u8]) -> String {
        let found = self.finder.find(&String::from_utf8_lossy(line));
        let mut text = String::new();
        let shown = if found.answer == Answer::One { &found.candidates[..1] } else { &found.candidates[..] };
        text.push_str(&heading(&found));
        for candidate in shown {
            self.tell(candidate, &mut text);
        }
        let others: Vec<String> = found.candidates[shown.len()..].iter().map(|it| self.name(it)).collect();
        if !others.is_empty() {
            text.push_str(&format!("  Hoặc: {}\n", others.join("; ")));
        }
        text
    }

    /// How well the questions of this file are answered, and which are not (JSON Lines; see `docs/finder.md`).
    ///
    /// # Errors
    /// The file cannot be read, or a line is no question.
    pub fn check(&self, questions: &Path) -> Result<String, GuideFault> {
        let questions = check::questions(&read(questions)?)?;
        Ok(check::check(&self.finder, &questions).to_string())
    }

    fn name(&self, candidate: &Candidate) -> String {
        let name = self.catalogue.get(&candidate.code).map_or("", |it| it.name_vi.as_str());
        format!("{name} ({})", candidate.code)
    }

    fn tell(&self, candidate: &Candidate, text: &mut String) {
        let Some(procedure) = self.catalogue.get(&candidate.code) else { return };
        let tile = wording::tile(procedure, self.clock.now());
        let papers = tile.papers.map_or_else(
            || "hỏi cán bộ".to_owned(),
            |papers| papers.iter().map(|paper| paper.name.vi.as_str()).collect::<Vec<_>>().join("; "),
        );
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {} [{:.2}]", self.name(candidate), candidate.score);
        let _ = writeln!(text, "    Vì: {} ~ “{}”", candidate.words.join(", "), candidate.like);
        let _ = writeln!(text, "    Giấy tờ: {papers}");
        let _ = writeln!(
            text,
            "    Lệ phí: {}. Thời hạn: {}. Nơi giải quyết: {}.",
            tile.fee.vi, tile.limit.vi, tile.authority.vi
        );
    }
}

fn heading(found: &Found) -> String {
    match (found.answer, &found.question, &found.elsewhere) {
        (Answer::One, _, _) => "Thủ tục cần làm:\n".to_owned(),
        (Answer::Ask, Some(question), _) => format!("Hỏi lại: {}\n", question.vi),
        (Answer::Ask, None, _) => "Hỏi lại:\n".to_owned(),
        (Answer::Unknown, _, Some(place)) => format!("Không làm tại đây. {}\n", place.vi),
        (Answer::Unknown, _, None) => "Không rõ yêu cầu, hoặc không làm tại đây.\n".to_owned(),
    }
}

fn read(path: &Path) -> Result<String, GuideFault> {
    std::fs::read_to_string(path).map_err(|why| GuideFault::File { path: path.to_owned(), why })
}

fn rounded(score: f32) -> f64 {
    (f64::from(score) * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::{Guide, procedures};
    use intake::catalogue::Catalogue;

    #[test]
    fn what_is_meant_stands_before_what_is_only_named_alike() {
        let catalogue = Catalogue::embedded().unwrap();
        let found = |words: &str| {
            procedures(&catalogue, words).into_iter().map(|known| known.code.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(found("xin giấy độc thân")[0], "1.004873", "no title says so");
        let birth = found("khai sinh");
        assert_eq!(birth[0], "1.001193");
        assert!(birth.contains(&"2.000528".to_owned()), "titles are searched all the same: {birth:?}");
        let mut once = birth.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), birth.len());
        assert_eq!(found("2.000815"), ["2.000815"]);
        assert_eq!(found(" ").len(), catalogue.search("").len());
    }

    #[test]
    fn a_program_gets_a_line_of_json_whatever_it_asks() {
        let guide = Guide::open(None).unwrap();
        let answer = guide.answer_json("làm giấy khai sinh".as_bytes());
        assert!(answer.starts_with(r#"{"answer":"one","candidates":[{"code":"1.001193","score":"#), "{answer}");
        let coded = r#"{"answer":"one","candidates":[{"code":"2.000815","score":1.0}]}"#;
        assert_eq!(guide.answer_json(b" 2.000815 "), coded);
        let nothing = r#"{"answer":"unknown","candidates":[]}"#;
        for line in [&b""[..], b"   ", b"0912345678", b"9.999999", b"\xff\xfe\x00", b"\r", b"?!", "🙂".as_bytes()] {
            assert_eq!(guide.answer_json(line), nothing);
        }
        let bytes: Vec<u8> = "giấy khai sinh".bytes().chain([0xff]).collect();
        assert!(guide.answer_json(&bytes).contains("1.001193"));
    }

    #[test]
    fn an_officer_reads_what_it_is_why_and_what_it_takes() {
        let guide = Guide::open(None).unwrap();
        let told = guide.answer_in_words("xin giấy độc thân".as_bytes());
        for part in ["Cấp Giấy xác nhận tình trạng hôn nhân (1.004873)", "Vì: ", "Giấy tờ: ", "03 ngày làm việc"]
        {
            assert!(told.contains(part), "{part} is not in {told}");
        }
        assert!(guide.answer_in_words("giấy tờ đất".as_bytes()).starts_with("Hỏi lại: "));
        assert!(guide.answer_in_words("ly hôn".as_bytes()).contains("Tòa án"));
    }

    #[test]
    fn an_officers_data_is_checked_and_tried() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("words.json");
        std::fs::write(&data, "{}").unwrap();
        assert!(Guide::open(Some(&data)).is_err_and(|why| why.to_string().contains("version")));
        let questions = folder.path().join("questions.jsonl");
        std::fs::write(&questions, "{\"question\": \"sổ đỏ\", \"answer\": \"ask\"}\n").unwrap();
        let guide = Guide::open(None).unwrap();
        assert!(guide.check(&questions).unwrap().contains("vague, and asked back:       100.0 % (1 of 1)"));
        std::fs::write(&questions, "{\"question\": \"sổ đỏ\"}\n").unwrap();
        assert!(guide.check(&questions).is_err_and(|why| why.to_string().contains("line 1")));
    }
}
