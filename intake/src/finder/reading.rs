//! Reads a question: each of its words as a word of the vocabulary, however it was written.

use super::LONGEST_QUESTION;
use super::telex::decoded;
use super::vocabulary::{FormId, Vocabulary, WordId, keys, pieces};

/// More words than this are not compared.
pub(super) const MOST_WORDS: usize = 64;

/// A word that was read.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Word {
    /// As it was written; what an abbreviation stands for is written as the abbreviation.
    pub written: String,
    /// What it is, where the vocabulary has it.
    pub meant: Option<WordId>,
    /// Its marks, where they were written: a form, or none that any phrase has.
    pub form: Marks,
    /// How sure this reading is, from 0 to 1.
    pub sure: f32,
}

/// What is known of a word's marks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Marks {
    /// The question is written without marks.
    Unwritten,
    /// They were written so.
    Written(Option<FormId>),
    /// This word has none in a question that has some.
    Forgotten(Option<FormId>),
}

/// One way to read a written word.
#[derive(Clone, PartialEq, Debug)]
struct Way {
    word: WordId,
    marked: Option<String>,
    sure: f32,
}

/// A written word and the ways to read it.
struct Place {
    written: String,
    marked: String,
    ways: Vec<Way>,
}

const AS_WRITTEN: f32 = 1.0;
const DECODED: f32 = 0.95;
const SOUNDS_ALIKE: f32 = 0.75;
const SLIP: f32 = 0.7;
/// A word that is a word may still be another one, misspelled, where its neighbours say so.
const MISSPELLED_INTO_A_WORD: f32 = 0.38;
/// What a known pair of words adds, in the logarithm of sureness.
const NEIGHBOURS: f32 = 0.9;
/// A word with its marks in place was hardly hit by mistake.
const SLIP_INTO_MARKS: f32 = 0.45;
/// A slip that makes a pair of words that people say was surely a slip.
const SURE_IN_CONTEXT: f32 = 0.9;
const LIKELY_IN_CONTEXT: f32 = 0.6;
const MOST_WAYS: usize = 8;

pub(super) fn read(question: &str, vocabulary: &Vocabulary) -> Vec<Word> {
    let cut: String = question.chars().take(LONGEST_QUESTION).collect();
    let written: Vec<String> = pieces(&cut).map(|piece| piece.to_lowercase()).collect();
    let whole = respaced(&written, vocabulary);
    let mut places: Vec<Place> = whole.iter().flat_map(|piece| places(piece, vocabulary)).collect();
    places.truncate(MOST_WORDS);
    let chosen = choose(&places, vocabulary);
    let marked = whole.iter().filter(|piece| !is_plain(piece)).count();
    let has_marks = marked * 3 >= whole.len() && marked > 0;
    let word = |(place, way): (Place, Option<Way>)| word(place, way, has_marks, vocabulary);
    places.into_iter().zip(chosen).map(word).collect()
}

/// Puts right what was written with a space too many or too few: `kha i sinh`, `khaisinh`.
fn respaced(written: &[String], vocabulary: &Vocabulary) -> Vec<String> {
    let mut whole: Vec<String> = Vec::new();
    let mut at = 0;
    while at < written.len() {
        let joined = joined(&written[at..], vocabulary);
        if let Some(joined) = joined {
            whole.push(joined);
            at += 2;
            continue;
        }
        match parted(&written[at], vocabulary) {
            Some(parts) => whole.extend(parts),
            None => whole.push(written[at].clone()),
        }
        at += 1;
    }
    whole
}

/// The word that the first two make, where one of them is none, or is an abbreviation that makes less sense there.
fn joined(written: &[String], vocabulary: &Vocabulary) -> Option<String> {
    let [first, second, behind @ ..] = written else { return None };
    let joined = format!("{first}{second}");
    let word = vocabulary.word(&keys(&joined).0).filter(|_| joined.chars().count() >= 4)?;
    let next = behind.first().and_then(|next| vocabulary.word(&keys(next).0));
    let in_context = next.is_some_and(|next| vocabulary.side_by_side(word, next));
    let short = |piece: &str| vocabulary.long_form(&keys(piece).0).is_some();
    let no_word = |piece: &str| !is_known(piece, vocabulary) || (in_context && short(piece));
    (no_word(first) || no_word(second)).then_some(joined)
}

fn is_known(piece: &str, vocabulary: &Vocabulary) -> bool {
    let (bare, _) = keys(piece);
    vocabulary.word(&bare).is_some()
        || vocabulary.long_form(&bare).is_some()
        || decoded(piece).is_some_and(|made| vocabulary.word(&keys(&made).0).is_some())
}

/// The known words of which a written one consists, two or three, where people say them side by side.
fn parted(piece: &str, vocabulary: &Vocabulary) -> Option<Vec<String>> {
    let letters: Vec<char> = piece.chars().collect();
    if letters.len() < 5 || letters.len() > 18 || is_known(piece, vocabulary) {
        return None;
    }
    let part = |from: usize, to: usize| -> String { letters[from..to].iter().collect() };
    let id = |text: &str| vocabulary.word(&keys(text).0);
    for cut in 2..letters.len() - 1 {
        let (first, rest) = (part(0, cut), part(cut, letters.len()));
        let Some(begin) = id(&first) else { continue };
        if id(&rest).is_some_and(|end| vocabulary.side_by_side(begin, end)) {
            return Some(vec![first, rest]);
        }
        for second_cut in cut + 2..letters.len().saturating_sub(1) {
            let (middle, last) = (part(cut, second_cut), part(second_cut, letters.len()));
            let (Some(among), Some(end)) = (id(&middle), id(&last)) else { continue };
            if vocabulary.side_by_side(begin, among) && vocabulary.side_by_side(among, end) {
                return Some(vec![first, middle, last]);
            }
        }
    }
    None
}

/// A written word with its readings; an abbreviation is as many words as it stands for.
fn places(piece: &str, vocabulary: &Vocabulary) -> Vec<Place> {
    let (bare, marked) = keys(piece);
    let Some(long) = vocabulary.long_form(&bare) else {
        return vec![Place { written: piece.to_owned(), ways: ways(piece, &bare, vocabulary), marked }];
    };
    let place = |word: &String| {
        let (bare, marked) = keys(word);
        let ways = vocabulary.word(&bare).map(|word| Way { word, marked: Some(marked.clone()), sure: AS_WRITTEN });
        Place { written: piece.to_owned(), marked, ways: ways.into_iter().collect() }
    };
    long.iter().map(place).collect()
}

fn ways(piece: &str, bare: &str, vocabulary: &Vocabulary) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    if let Some(word) = vocabulary.word(bare) {
        ways.push(Way { word, marked: None, sure: AS_WRITTEN });
    }
    let is_a_word = !ways.is_empty();
    if let Some((made, marked)) = decoded(piece).map(|made| keys(&made))
        && let Some(word) = vocabulary.word(&made)
    {
        let sure = if is_a_word { MISSPELLED_INTO_A_WORD } else { DECODED };
        ways.push(Way { word, marked: Some(marked), sure });
    }
    if bare.chars().count() >= 2 && !bare.bytes().any(|letter| letter.is_ascii_digit()) {
        let near = |sure: f32| if is_a_word { MISSPELLED_INTO_A_WORD } else { sure };
        ways.extend(vocabulary.sounding_like(bare).map(|word| Way { word, marked: None, sure: near(SOUNDS_ALIKE) }));
        if !is_a_word {
            let slips = vocabulary.spelled_like(bare);
            let sure = if is_plain(piece) { SLIP } else { SLIP_INTO_MARKS };
            ways.extend(slips.into_iter().map(|word| Way { word, marked: None, sure }));
        }
    }
    ways.sort_by(|one, other| other.sure.total_cmp(&one.sure));
    let mut seen: Vec<WordId> = Vec::new();
    ways.retain(|way| {
        !seen.contains(&way.word) && {
            seen.push(way.word);
            true
        }
    });
    ways.truncate(MOST_WAYS);
    ways
}

/// The readings that go best together: the surest, where pairs of words that people say count for them (Viterbi).
fn choose(places: &[Place], vocabulary: &Vocabulary) -> Vec<Option<Way>> {
    let mut best: Vec<Vec<(f32, usize)>> = Vec::with_capacity(places.len());
    for (at, place) in places.iter().enumerate() {
        let step = |way: &Way| {
            let own = way.sure.ln();
            let Some(before) = at.checked_sub(1) else { return (own, 0) };
            let from = |(index, (sum, _)): (usize, &(f32, usize))| {
                let pair = places[before].ways.get(index).is_some_and(|it| vocabulary.side_by_side(it.word, way.word));
                (sum + own + if pair { NEIGHBOURS } else { 0.0 }, index)
            };
            let ranked = best[before].iter().enumerate().map(from);
            ranked.max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1))).unwrap_or((own, 0))
        };
        // A word that cannot be read is a place that costs nothing and joins nothing.
        let unread = [(best.last().and_then(|row| row.iter().map(|it| it.0).max_by(f32::total_cmp)).unwrap_or(0.0), 0)];
        let row: Vec<_> = place.ways.iter().map(step).collect();
        best.push(if row.is_empty() { unread.to_vec() } else { row });
    }
    walk_back(places, &best, vocabulary)
}

fn walk_back(places: &[Place], best: &[Vec<(f32, usize)>], vocabulary: &Vocabulary) -> Vec<Option<Way>> {
    let top = |row: &[(f32, usize)]| {
        let ranked = row.iter().enumerate();
        ranked.max_by(|one, other| one.1.0.total_cmp(&other.1.0).then(other.0.cmp(&one.0))).map_or(0, |it| it.0)
    };
    let mut chosen: Vec<Option<Way>> = vec![None; places.len()];
    let mut index = best.last().map_or(0, |row| top(row));
    for at in (0..places.len()).rev() {
        chosen[at] = places[at].ways.get(index).cloned();
        let here = best[at].get(index).map_or(0, |it| it.1);
        // Behind a word that could not be read, the words before it stand alone.
        index = if chosen[at].is_some() { here } else { at.checked_sub(1).map_or(0, |before| top(&best[before])) };
    }
    trust_context(&mut chosen, vocabulary);
    chosen
}

/// A reading beside which people say the word before or behind it is surer than it was by itself.
fn trust_context(chosen: &mut [Option<Way>], vocabulary: &Vocabulary) {
    let words: Vec<Option<WordId>> = chosen.iter().map(|way| way.as_ref().map(|it| it.word)).collect();
    let said = |first: Option<WordId>, second: Option<WordId>| {
        first.zip(second).is_some_and(|(first, second)| vocabulary.side_by_side(first, second))
    };
    let word = |at: Option<usize>| at.and_then(|at| words.get(at)).copied().flatten();
    for (at, way) in chosen.iter_mut().enumerate() {
        let here = word(Some(at));
        let in_context = said(word(at.checked_sub(1)), here) || said(here, word(Some(at + 1)));
        if let Some(way) = way.as_mut().filter(|_| in_context) {
            way.sure = way.sure.max(if way.sure < SLIP { LIKELY_IN_CONTEXT } else { SURE_IN_CONTEXT });
        }
    }
}

fn word(place: Place, way: Option<Way>, has_marks: bool, vocabulary: &Vocabulary) -> Word {
    let (meant, sure) = way.as_ref().map_or((None, 0.0), |way| (Some(way.word), way.sure));
    let misspelled = way.as_ref().is_some_and(|way| way.sure < DECODED && way.marked.is_none());
    let form = match way.and_then(|way| way.marked) {
        Some(marked) => Marks::Written(vocabulary.form(&marked)),
        // Marks of a word that is not there say little of the word that is meant.
        None if misspelled => Marks::Unwritten,
        None if !is_plain(&place.marked) => Marks::Written(vocabulary.form(&place.marked)),
        None if has_marks => Marks::Forgotten(vocabulary.form(&place.marked)),
        None => Marks::Unwritten,
    };
    Word { written: place.written, meant, form, sure }
}

fn is_plain(marked: &str) -> bool {
    marked.is_ascii()
}
