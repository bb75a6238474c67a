//! The verdict: one procedure, a question back, or "not here".

use super::index::{Concepts, Entry, Index, Topic};
use super::likeness::{Asked, Likeness};
use super::reading::Word;
use super::{Answer, Candidate, Found, MOST_CANDIDATES, Said};

/// Less like anything than this is not understood.
const UNDERSTOOD: f32 = 0.40;
/// A best candidate that is so much ahead of the second, in shares of its own score, is alone.
const AHEAD: f32 = 0.04;
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
/// How much more like another house's business than like a procedure a question must be to be sent there.
const STRANGER: f32 = 0.92;
/// The same where a procedure is well like the question: who is wrongly sent away does not come back.
const SURELY_STRANGER: f32 = 1.1;
/// How much more like a vague topic than like a procedure a question must be to be asked back.
const VAGUER: f32 = 0.92;
/// How far what a vague topic names is put before other candidates.
const NAMED_BY_TOPIC: f32 = 0.25;

/// A procedure and how like the question it is.
struct Ranked<'a> {
    at: usize,
    entry: &'a Entry,
    likeness: Likeness,
}

/// How like the question everything is that may be meant.
struct Weighed<'a> {
    /// The best first.
    ranked: Vec<Ranked<'a>>,
    /// What is most like it that others do.
    strange: Option<(f32, &'a Said)>,
    /// The vague topic that is most like it: what to ask back, and what it names.
    vague: Option<(f32, &'a Said, &'a [usize])>,
}

pub(super) fn judge(index: &Index, words: &[Word]) -> Found {
    let asked = Asked::new(words, index);
    let Weighed { mut ranked, strange, vague } = weigh(index, &asked);
    let best = ranked.first().map_or(0.0, |it| it.likeness.score);
    let claim = strange.filter(|it| it.0 >= STRANGE && it.0 > best * STRANGER);
    let surely = if best >= SURE { SURELY_STRANGER } else { STRANGER };
    let strange = claim.filter(|it| it.0 > best * surely);
    let vague = vague.filter(|it| it.0 >= UNDERSTOOD && it.0 >= best * VAGUER);
    match (strange, vague) {
        (Some((score, said)), vague) if vague.is_none_or(|it| it.0 < score) => unknown(Some(said.clone())),
        (_, Some((_, question, codes))) => {
            raise(&mut ranked, codes);
            ask(index, &asked, &ranked, question.clone())
        }
        _ if best < UNDERSTOOD => unknown(None),
        _ if claim.is_none() && is_alone(&ranked) => one(index, &asked, &ranked),
        _ => ask(index, &asked, &ranked, which_of(index, &ranked)),
    }
}

fn weigh<'a>(index: &'a Index, asked: &Asked<'_>) -> Weighed<'a> {
    let mut ranked: Vec<Ranked<'a>> = Vec::new();
    let mut strange: Vec<(Likeness, &Said)> = Vec::new();
    let mut vague: Vec<(f32, &Said, &[usize])> = Vec::new();
    for entry in index.entries() {
        match &entry.topic {
            Topic::Procedure { at, needs } => {
                let mut likeness = asked.likeness(entry);
                let popular = if index.procedure(*at).popular.is_some() { POPULAR } else { 1.0 };
                let variant = variant(asked, *needs, entry.concepts, index.deciding());
                likeness.score = (likeness.score * popular * variant).min(1.0);
                ranked.push(Ranked { at: *at, entry, likeness });
            }
            Topic::Elsewhere(said) => strange.push((asked.likeness(entry), said)),
            Topic::Vague { question, codes } => vague.push((asked.likeness_to_vague(entry), question, codes)),
        }
    }
    ranked.sort_by(|one, other| other.likeness.score.total_cmp(&one.likeness.score).then(one.at.cmp(&other.at)));
    let ours = ranked.first().map_or(0, |it| it.likeness.anywhere);
    // What only another house knows of counts for that house.
    let theirs = |it: Likeness| it.score + ONLY_THEIRS * asked.share_of(it.anywhere & !ours);
    let strange = strange.into_iter().map(|(likeness, said)| (theirs(likeness), said));
    Weighed {
        strange: strange.max_by(|one, other| one.0.total_cmp(&other.0)),
        vague: vague.into_iter().max_by(|one, other| one.0.total_cmp(&other.0)),
        ranked,
    }
}

/// What a variant's own concepts do to its score: those that it needs and the question does not name, and those that
/// the question names and it never speaks of.
fn variant(asked: &Asked<'_>, needs: Concepts, speaks_of: Concepts, deciding: Concepts) -> f32 {
    let unmet = (needs & !asked.concepts).count_ones();
    let unheard_of = (asked.concepts & deciding & !speaks_of).count_ones();
    NEED_UNMET.powi(unmet as i32) * UNHEARD_OF.powi(unheard_of as i32)
}

/// Whether the best candidate is sure and well ahead of the second.
fn is_alone(ranked: &[Ranked<'_>]) -> bool {
    let score = |at: usize| ranked.get(at).map_or(0.0, |it| it.likeness.score);
    score(0) >= SURE && score(0) - score(1) >= score(0) * AHEAD
}

/// Puts what a vague topic names before the others that are not clearly meant.
fn raise(ranked: &mut [Ranked<'_>], codes: &[usize]) {
    let raised = |it: &Ranked<'_>| it.likeness.score + if codes.contains(&it.at) { NAMED_BY_TOPIC } else { 0.0 };
    let place = |it: &Ranked<'_>| codes.iter().position(|code| *code == it.at).unwrap_or(codes.len());
    ranked.sort_by(|one, other| raised(other).total_cmp(&raised(one)).then(place(one).cmp(&place(other))));
}

fn unknown(elsewhere: Option<Said>) -> Found {
    Found { answer: Answer::Unknown, candidates: Vec::new(), question: None, elsewhere }
}

fn ask(index: &Index, asked: &Asked<'_>, ranked: &[Ranked<'_>], question: Said) -> Found {
    let candidates = candidates(index, asked, ranked, 0.0);
    Found { answer: Answer::Ask, candidates, question: Some(question), elsewhere: None }
}

fn one(index: &Index, asked: &Asked<'_>, ranked: &[Ranked<'_>]) -> Found {
    let least = ranked.first().map_or(0.0, |it| it.likeness.score * BEHIND);
    let candidates = candidates(index, asked, ranked, least);
    Found { answer: Answer::One, candidates, question: None, elsewhere: None }
}

/// The question that separates candidates for which no better one is written down: their names.
fn which_of(index: &Index, ranked: &[Ranked<'_>]) -> Said {
    let names = |name: fn(&Said) -> &str| -> String {
        let names = ranked.iter().take(MOST_CANDIDATES).map(|it| name(&index.procedure(it.at).name));
        names.collect::<Vec<_>>().join("; ")
    };
    Said {
        vi: format!("Ông/bà cần việc nào: {}?", names(|it| &it.vi)),
        en: format!("Which of these do you need: {}?", names(|it| &it.en)),
    }
}

fn candidates(index: &Index, asked: &Asked<'_>, ranked: &[Ranked<'_>], least: f32) -> Vec<Candidate> {
    let candidate = |it: &Ranked<'_>| Candidate {
        code: index.procedure(it.at).code.clone(),
        score: it.likeness.score,
        words: asked.written(it.likeness.explained),
        like: it.entry.phrases.get(it.likeness.phrase).map_or_else(String::new, |phrase| phrase.text.clone()),
    };
    ranked.iter().take(MOST_CANDIDATES).filter(|it| it.likeness.score >= least).map(candidate).collect()
}
