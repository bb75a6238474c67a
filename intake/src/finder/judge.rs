//! The verdict: one procedure, a question back, or "not here".

use super::index::{Concepts, Index, Topic};
use super::likeness::{Asked, Likeness};
use super::reading::Word;
use super::{Answer, Candidate, Found, MOST_CANDIDATES, Said};

/// Less like anything than this is not understood.
const UNDERSTOOD: f32 = 0.40;
/// A best candidate that is so much ahead of the second, in shares of its own score, is alone.
const AHEAD: f32 = 0.06;
/// Alone or not, less than this is asked about.
const SURE: f32 = 0.50;
/// Candidates that are further behind the best than this share are not named beside one that is sure.
const BEHIND: f32 = 0.55;
/// A variant without the concept that it needs, such as a foreigner.
const NEED_UNMET: f32 = 0.8;
/// A procedure that never speaks of what the question says, such as a loss.
const UNHEARD_OF: f32 = 0.9;
/// A procedure that many come for is meant a little sooner.
const POPULAR: f32 = 1.02;
/// What is less like another house's business than this is not known to be so.
const STRANGE: f32 = 0.45;
/// What it adds to its claim that it alone explains some of the question.
const ONLY_THEIRS: f32 = 0.3;
/// How much more like a vague topic than like a procedure a question must be to be asked back.
const VAGUER: f32 = 0.92;
/// The same for what is done elsewhere.
const STRANGER: f32 = 0.92;

/// A procedure and how like the question it is.
struct Ranked {
    at: usize,
    phrase: String,
    likeness: Likeness,
}

pub(super) fn judge(index: &Index, words: &[Word]) -> Found {
    let asked = Asked::new(words, index);
    let mut ranked: Vec<Ranked> = Vec::new();
    let mut strange: Vec<(Likeness, &Said)> = Vec::new();
    let mut vague: Option<(f32, &Said, &[usize])> = None;
    for entry in index.entries() {
        match &entry.topic {
            Topic::Procedure { at, needs } => {
                let mut likeness = asked.likeness(entry);
                likeness.score *= variant(&asked, *needs, entry.concepts, index.deciding());
                likeness.score *= if index.procedure(*at).popular.is_some() { POPULAR } else { 1.0 };
                likeness.score = likeness.score.min(1.0);
                let phrase = entry.phrases.get(likeness.phrase).map_or_else(String::new, |it| it.text.clone());
                ranked.push(Ranked { at: *at, phrase, likeness });
            }
            Topic::Elsewhere(said) => strange.push((asked.likeness(entry), said)),
            Topic::Vague { question, codes } => {
                let score = asked.likeness_to_vague(entry);
                if vague.is_none_or(|it| it.0 < score) {
                    vague = Some((score, question, codes));
                }
            }
        }
    }
    ranked.sort_by(|one, other| other.likeness.score.total_cmp(&one.likeness.score).then(one.at.cmp(&other.at)));
    let best = ranked.first().map_or(0.0, |it| it.likeness.score);
    let ours = ranked.first().map_or(0, |it| it.likeness.anywhere);
    // What only another house knows of counts for that house.
    let theirs = |it: &Likeness| it.score + ONLY_THEIRS * asked.share_of(it.anywhere & !ours);
    let strange = strange.into_iter().map(|(likeness, said)| (theirs(&likeness), said));
    let strange = strange.max_by(|one, other| one.0.total_cmp(&other.0));
    let strange = strange.filter(|it| it.0 >= STRANGE && it.0 > best * STRANGER);
    let vague = vague.filter(|it| it.0 >= UNDERSTOOD && it.0 >= best * VAGUER);
    match (strange, vague) {
        (Some((score, said)), vague) if vague.is_none_or(|it| it.0 < score) => unknown(Some(said.clone())),
        (_, Some((_, question, codes))) => {
            raise(&mut ranked, codes);
            let candidates = named(index, &asked, ranked, 0.0);
            Found { answer: Answer::Ask, candidates, question: Some(question.clone()), elsewhere: None }
        }
        _ if best < UNDERSTOOD => unknown(None),
        _ => known(index, &asked, ranked),
    }
}

/// What a variant's own concepts do to its score: those that it needs and the question does not name, and those that
/// the question names and it never speaks of.
fn variant(asked: &Asked, needs: Concepts, speaks_of: Concepts, deciding: Concepts) -> f32 {
    let unmet = (needs & !asked.concepts).count_ones();
    let unheard_of = (asked.concepts & deciding & !speaks_of).count_ones();
    NEED_UNMET.powi(unmet as i32) * UNHEARD_OF.powi(unheard_of as i32)
}

fn unknown(elsewhere: Option<Said>) -> Found {
    Found { answer: Answer::Unknown, candidates: Vec::new(), question: None, elsewhere }
}

/// Puts what a vague topic names before the others that are not clearly meant.
fn raise(ranked: &mut [Ranked], codes: &[usize]) {
    let raised = |it: &Ranked| it.likeness.score + if codes.contains(&it.at) { 0.25 } else { 0.0 };
    let place = |it: &Ranked| codes.iter().position(|code| *code == it.at).unwrap_or(codes.len());
    ranked.sort_by(|one, other| raised(other).total_cmp(&raised(one)).then(place(one).cmp(&place(other))));
}

fn known(index: &Index, asked: &Asked, ranked: Vec<Ranked>) -> Found {
    let best = ranked.first().map_or(0.0, |it| it.likeness.score);
    let second = ranked.get(1).map_or(0.0, |it| it.likeness.score);
    if best >= SURE && best - second >= best * AHEAD {
        let candidates = named(index, asked, ranked, best * BEHIND);
        return Found { answer: Answer::One, candidates, question: None, elsewhere: None };
    }
    let question = which_of(index, &ranked[..MOST_CANDIDATES.min(ranked.len())]);
    let candidates = named(index, asked, ranked, 0.0);
    Found { answer: Answer::Ask, candidates, question: Some(question), elsewhere: None }
}

/// The question that separates candidates for which no better one is written down: their names.
fn which_of(index: &Index, ranked: &[Ranked]) -> Said {
    let names = |name: fn(&Said) -> &str| -> Vec<&str> {
        ranked.iter().map(|it| name(&index.procedure(it.at).name)).collect()
    };
    Said {
        vi: format!("Ông/bà cần việc nào: {}?", names(|it| &it.vi).join("; ")),
        en: format!("Which of these do you need: {}?", names(|it| &it.en).join("; ")),
    }
}

fn named(index: &Index, asked: &Asked, ranked: Vec<Ranked>, least: f32) -> Vec<Candidate> {
    let candidate = |it: Ranked| Candidate {
        code: index.procedure(it.at).code.clone(),
        score: it.likeness.score,
        words: asked.written(it.likeness.explained),
        like: it.phrase,
    };
    ranked.into_iter().take(MOST_CANDIDATES).filter(|it| it.likeness.score >= least).map(candidate).collect()
}
