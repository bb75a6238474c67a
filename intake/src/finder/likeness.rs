//! How much a question is like what people call a thing.

use super::index::{Concepts, Entry, Index, Phrase, PhraseWord, Topic, bits_of};
use super::reading::{Marks, Word};
use super::vocabulary::STOP_WEIGHT;

/// Another word for the same.
const SAME_CONCEPT: f32 = 0.8;
/// A word whose marks were forgotten where others have theirs.
const MARKS_FORGOTTEN: f32 = 0.9;
/// A word with other marks is mostly another word.
const OTHER_MARKS: f32 = 0.5;
/// Whoever tells a story says much that nobody calls a procedure by: the more of it, the less each word of it counts.
const STORY: f32 = 0.4;
/// How far it counts how much of the question is explained, against how much of the phrase was said.
const QUESTION_SHARE: f32 = 0.62;
/// What others do is often called by one word: it must explain more.
const OTHERS_QUESTION_SHARE: f32 = 0.85;
/// How far a vague phrase's own words count, against how much of the question it explains.
const VAGUE_SAID: f32 = 0.3;
/// A word that stands in so many of a topic's phrases is what it is about.
const CENTRAL: usize = 3;
/// How much of what a topic is about a question must name to be taken at its word.
const GRIP: f32 = 0.6;
/// How much the other phrases of a topic may explain of the question.
const OTHER_PHRASES: f32 = 0.4;

/// A question, ready to be compared.
pub(super) struct Asked<'a> {
    words: &'a [Word],
    /// What each word tells, and behind them what each word tells together with the next.
    weights: Vec<f32>,
    word_concepts: Vec<Concepts>,
    /// All concepts that it names.
    pub concepts: Concepts,
    /// What all tells together.
    weight: f32,
    /// The place of each word of the vocabulary in the question, from 1.
    places: Vec<u8>,
}

/// How like a topic is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Likeness {
    /// From 0 to 1.
    pub score: f32,
    /// Which of its phrases is most like the question.
    pub phrase: usize,
    /// The question's words that its best phrase explains, a bit each.
    pub explained: u64,
    /// Those that any of its phrases explains.
    pub anywhere: u64,
}

impl<'a> Asked<'a> {
    pub fn new(words: &'a [Word], index: &Index) -> Self {
        let word_concepts = index.concepts_of(words);
        let mut places = vec![0; index.vocabulary().len()];
        let mut weights = index.weights_of(words);
        for (at, word) in words.iter().enumerate() {
            let Some(meant) = word.meant else { continue };
            if places[meant as usize] == 0 {
                places[meant as usize] = at as u8 + 1;
            } else {
                // Whoever says a word twice does not mean it twice.
                weights[at] = 0.0;
            }
        }
        let pair =
            |pair: &[Word]| pair[0].meant.zip(pair[1].meant).map_or(0.0, |it| index.vocabulary().pair_weight(it));
        weights.extend(words.windows(2).map(pair));
        let concepts = word_concepts.iter().fold(0, |all, one| all | one);
        let weight = weights.iter().sum();
        Self { words, weights, word_concepts, concepts, weight, places }
    }

    /// The words whose bits are set, as they were written.
    pub fn written(&self, explained: u64) -> Vec<String> {
        let mut written: Vec<String> = Vec::new();
        for (at, word) in self.words.iter().enumerate() {
            // An abbreviation stands at the place of each of its words.
            if explained >> at & 1 == 1 && self.weights[at] > STOP_WEIGHT && written.last() != Some(&word.written) {
                written.push(word.written.clone());
            }
        }
        written
    }

    /// How like a topic the question is.
    pub fn likeness(&self, entry: &Entry) -> Likeness {
        let mut best = Likeness { score: 0.0, phrase: 0, explained: 0, anywhere: 0 };
        let mut anywhere = vec![0.0_f32; self.weights.len()];
        let mut fit = anywhere.clone();
        let share = if matches!(entry.topic, Topic::Elsewhere(_)) { OTHERS_QUESTION_SHARE } else { QUESTION_SHARE };
        for (number, phrase) in entry.phrases.iter().enumerate() {
            let score = self.compare(phrase, share, &mut fit);
            for (all, one) in anywhere.iter_mut().zip(&fit) {
                *all = all.max(*one);
            }
            if score > best.score {
                best = Likeness { score, phrase: number, explained: self.bits(&fit), anywhere: 0 };
            }
        }
        // Who says a whole phrase and nothing else is taken at their word.
        let held = (self.grip(entry, &anywhere) / GRIP).min(1.0).sqrt().max(best.score * best.score);
        best.score *= held * (1.0 - OTHER_PHRASES + OTHER_PHRASES * self.share(&anywhere));
        best.anywhere = self.bits(&anywhere);
        best
    }

    /// How like something vague the question is: there nothing else may be said.
    pub fn likeness_to_vague(&self, entry: &Entry) -> f32 {
        let mut fit = vec![0.0_f32; self.weights.len()];
        let like = |phrase: &Phrase| {
            let said = self.compare(phrase, QUESTION_SHARE, &mut fit);
            said.powf(VAGUE_SAID) * self.explained(&fit) / self.weight.max(f32::EPSILON)
        };
        entry.phrases.iter().map(like).fold(0.0, f32::max)
    }

    /// What share of the question's words these are, a bit each.
    pub fn share_of(&self, bits: u64) -> f32 {
        let words = &self.weights[..self.words.len()];
        let these = words.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, weight)| weight);
        let (these, all) = (these.sum::<f32>(), words.iter().sum::<f32>());
        if all > 0.0 { these / all } else { 0.0 }
    }

    /// How like a phrase the question is; `fit` is filled with how well each of the question's words and pairs is
    /// explained.
    fn compare(&self, phrase: &Phrase, question_share: f32, fit: &mut [f32]) -> f32 {
        fit.fill(0.0);
        let mut said = 0.0;
        for word in &phrase.words {
            said += word.weight * self.fit_of(word, fit);
        }
        if said == 0.0 {
            return 0.0;
        }
        for (pair, weight) in phrase.words.windows(2).zip(&phrase.pairs) {
            said += weight * self.pair_fit_of(pair, fit);
        }
        self.explain_by_concepts(phrase.concepts, fit);
        let (explained, said) = (self.share(fit), said / phrase.weight);
        explained.powf(question_share) * said.powf(1.0 - question_share)
    }

    /// How well a phrase's word is found in the question, which is noted at the question's word.
    fn fit_of(&self, word: &PhraseWord, fit: &mut [f32]) -> f32 {
        let mut found = 0.0_f32;
        if let Some(at) = self.place(word) {
            found = self.words[at].sure * marks_fit(self.words[at].form, word);
            fit[at] = fit[at].max(found);
        }
        let by_concept = word.concepts & self.concepts != 0;
        if by_concept { found.max(SAME_CONCEPT) } else { found }
    }

    /// The same for a phrase's word and the next; to be called when the words' fit is known.
    fn pair_fit_of(&self, pair: &[PhraseWord], fit: &mut [f32]) -> f32 {
        let together = self.place(&pair[0]).filter(|at| self.place(&pair[1]) == Some(at + 1));
        if let Some(at) = together {
            let found = fit[at].min(fit[at + 1]);
            fit[self.words.len() + at] = found;
            return found;
        }
        let by_concept = pair[0].concepts & pair[1].concepts & self.concepts != 0;
        if by_concept { SAME_CONCEPT } else { 0.0 }
    }

    fn place(&self, word: &PhraseWord) -> Option<usize> {
        (self.places[word.token.word as usize] as usize).checked_sub(1)
    }

    /// Notes which of the question's words and pairs say the same as a phrase in other words.
    fn explain_by_concepts(&self, concepts: Concepts, fit: &mut [f32]) {
        for (at, named) in self.word_concepts.iter().enumerate() {
            if named & concepts == 0 {
                continue;
            }
            fit[at] = fit[at].max(SAME_CONCEPT * self.words[at].sure);
            let next = self.word_concepts.get(at + 1).copied().unwrap_or(0);
            if named & next & concepts != 0 {
                let pair = self.words.len() + at;
                fit[pair] = fit[pair].max(SAME_CONCEPT * self.words[at].sure);
            }
        }
    }

    /// How much of the question is explained.
    fn explained(&self, fit: &[f32]) -> f32 {
        self.weights.iter().zip(fit).map(|(weight, fit)| weight * fit).fold(0.0, |all, one| all + one)
    }

    /// What share of the question is explained, where what is beside the point counts less the more there is of it.
    fn share(&self, fit: &[f32]) -> f32 {
        let explained = self.explained(fit);
        if explained == 0.0 {
            return 0.0;
        }
        let rest = (self.weight - explained).max(0.0);
        explained / (explained + rest / (1.0 + rest * STORY))
    }

    /// How much of what the topic is about the question names: one word of one of its many phrases is little.
    fn grip(&self, entry: &Entry, anywhere: &[f32]) -> f32 {
        let central = |at: usize| {
            let word = self.words[at].meant.and_then(|meant| entry.words.get(&meant)).copied().unwrap_or(0);
            let shared = bits_of(self.word_concepts[at] & entry.concepts);
            let concept = shared.filter_map(|bit| entry.named.get(&bit)).copied().max().unwrap_or(0);
            word.max(concept).min(CENTRAL) as f32 / CENTRAL as f32
        };
        let held = (0..self.words.len()).filter(|&at| anywhere[at] > 0.0);
        held.map(|at| self.weights[at] * anywhere[at] * central(at)).fold(0.0, |all, one| all + one)
    }

    fn bits(&self, fit: &[f32]) -> u64 {
        (0..self.words.len()).filter(|&at| fit[at] > 0.0).fold(0, |all, at| all | 1 << at)
    }
}

fn marks_fit(marks: Marks, word: &PhraseWord) -> f32 {
    match marks {
        Marks::Unwritten => 1.0,
        Marks::Written(form) | Marks::Forgotten(form) if form == Some(word.token.form) => 1.0,
        Marks::Forgotten(_) => MARKS_FORGOTTEN,
        Marks::Written(_) => OTHER_MARKS,
    }
}
