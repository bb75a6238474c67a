//! How much a question is like what people call a thing.

use super::index::{Concepts, Entry, Index, Phrase, PhraseWord, bits_of};
use super::reading::{Marks, Word};
use super::vocabulary::STOP_WEIGHT;
use std::collections::BTreeSet;

/// Another word for the same.
const SAME_CONCEPT: f32 = 0.85;
/// A word whose marks were forgotten where others have theirs.
const MARKS_FORGOTTEN: f32 = 0.9;
/// A word with other marks is mostly another word.
const OTHER_MARKS: f32 = 0.5;
/// Whoever tells a story says much that nobody calls a procedure by: the more of it, the less each word of it counts.
const STORY: f32 = 0.3;
/// How far the question's words count, against those of the phrase.
const QUESTION_SHARE: f32 = 0.62;
/// How far a vague phrase's own words count, against how much of the question it explains.
const VAGUE_SAID: f32 = 0.5;
/// How much of a phrase's likeness hangs on its words standing side by side.
const SIDE_BY_SIDE: f32 = 0.18;
/// A word that stands in so many of a topic's phrases is what it is about.
const CENTRAL: usize = 3;
/// How much of what a topic is about a question must name to be taken at its word.
const GRIP: f32 = 0.6;
/// How much the other phrases of a topic may explain of the question.
const OTHER_PHRASES: f32 = 0.3;

/// A question, ready to be compared.
pub(super) struct Asked<'a> {
    words: &'a [Word],
    weights: Vec<f32>,
    word_concepts: Vec<Concepts>,
    /// All concepts that it names.
    pub concepts: Concepts,
    /// What all its words tell together.
    pub weight: f32,
    /// The place of each word of the vocabulary in the question, from 1.
    places: Vec<u8>,
    pairs: BTreeSet<(u32, u32)>,
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
            let again = word.meant.is_some_and(|meant| places[meant as usize] != 0);
            if let Some(meant) = word.meant.filter(|_| !again) {
                places[meant as usize] = at as u8 + 1;
            }
            // Whoever says a word twice does not mean it twice.
            if again {
                weights[at] = 0.0;
            }
        }
        let meant: Vec<u32> = words.iter().filter_map(|word| word.meant).collect();
        let pairs = meant.windows(2).map(|pair| (pair[0], pair[1])).collect();
        let concepts = word_concepts.iter().fold(0, |all, one| all | one);
        let weight = weights.iter().sum();
        Self { words, weights, word_concepts, concepts, weight, places, pairs }
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
        let mut anywhere = vec![0.0_f32; self.words.len()];
        let mut fit = vec![0.0_f32; self.words.len()];
        for (number, phrase) in entry.phrases.iter().enumerate() {
            let score = self.compare(phrase, &mut fit);
            for (all, one) in anywhere.iter_mut().zip(&fit) {
                *all = all.max(*one);
            }
            if score > best.score {
                best = Likeness { score, phrase: number, explained: bits(&fit), anywhere: 0 };
            }
        }
        best.score *= 1.0 - OTHER_PHRASES + OTHER_PHRASES * self.share(&anywhere);
        best.score *= (self.grip(entry, &anywhere) / GRIP).min(1.0).sqrt();
        best.anywhere = bits(&anywhere);
        best
    }

    /// How like something vague the question is: there nothing else may be said.
    pub fn likeness_to_vague(&self, entry: &Entry) -> f32 {
        let mut fit = vec![0.0_f32; self.words.len()];
        let like = |phrase: &Phrase| self.compare(phrase, &mut fit).powf(VAGUE_SAID) * self.plain_share(&fit);
        entry.phrases.iter().map(like).fold(0.0, f32::max)
    }

    /// What share of the question these words are, a bit each.
    pub fn share_of(&self, words: u64) -> f32 {
        let weights = self.weights.iter().enumerate().filter(|(at, _)| words >> at & 1 == 1);
        if self.weight > 0.0 { weights.map(|(_, weight)| weight).sum::<f32>() / self.weight } else { 0.0 }
    }

    /// How much of what the topic is about the question names: one word of one of its many phrases is little.
    fn grip(&self, entry: &Entry, anywhere: &[f32]) -> f32 {
        let central = |at: usize| {
            let word = self.words[at].meant.and_then(|meant| entry.words.get(&meant)).copied().unwrap_or(0);
            let shared = bits_of(self.word_concepts[at] & entry.concepts);
            let concept = shared.filter_map(|bit| entry.named.get(&bit)).copied().max().unwrap_or(0);
            word.max(concept).min(CENTRAL) as f32 / CENTRAL as f32
        };
        let held = anywhere.iter().enumerate().filter(|(_, fit)| **fit > 0.0);
        held.map(|(at, fit)| self.weights[at] * fit * central(at)).fold(0.0, |all, one| all + one)
    }

    /// How like a phrase the question is; `fit` is filled with how well each of the question's words is explained.
    fn compare(&self, phrase: &Phrase, fit: &mut [f32]) -> f32 {
        fit.fill(0.0);
        let mut said = 0.0;
        for word in &phrase.words {
            said += word.weight * self.fit_of(word, fit);
        }
        if said == 0.0 {
            return 0.0;
        }
        for (at, concepts) in self.word_concepts.iter().enumerate() {
            if fit[at] < SAME_CONCEPT && concepts & phrase.concepts != 0 {
                fit[at] = SAME_CONCEPT * self.words[at].sure;
            }
        }
        let said = said / phrase.weight;
        let explained = self.share(fit);
        let likeness = explained.powf(QUESTION_SHARE) * said.powf(1.0 - QUESTION_SHARE);
        likeness * (1.0 - SIDE_BY_SIDE + SIDE_BY_SIDE * self.side_by_side(phrase))
    }

    /// How well a phrase's word is found in the question, which is noted at the question's word.
    fn fit_of(&self, word: &PhraseWord, fit: &mut [f32]) -> f32 {
        let mut found = 0.0_f32;
        if let Some(at) = (self.places[word.token.word as usize] as usize).checked_sub(1) {
            found = self.words[at].sure * marks_fit(self.words[at].form, word);
            fit[at] = fit[at].max(found);
        }
        let by_concept = word.concepts & self.concepts != 0;
        if by_concept { found.max(SAME_CONCEPT) } else { found }
    }

    /// What share of the question is explained.
    fn share(&self, fit: &[f32]) -> f32 {
        let explained: f32 = self.weights.iter().zip(fit).map(|(weight, fit)| weight * fit).sum();
        if explained == 0.0 {
            return 0.0;
        }
        let rest = self.weight - explained;
        explained / (explained + rest / (1.0 + rest * STORY))
    }

    /// The same, however much was said.
    fn plain_share(&self, fit: &[f32]) -> f32 {
        let explained: f32 = self.weights.iter().zip(fit).map(|(weight, fit)| weight * fit).sum();
        if self.weight > 0.0 { explained / self.weight } else { 0.0 }
    }

    /// What share of the phrase's neighbours are neighbours in the question too.
    fn side_by_side(&self, phrase: &Phrase) -> f32 {
        let (mut all, mut both) = (0.0, 0.0);
        for pair in phrase.words.windows(2) {
            let weight = pair[0].weight + pair[1].weight;
            all += weight;
            if self.pairs.contains(&(pair[0].token.word, pair[1].token.word)) {
                both += weight;
            }
        }
        if all > 0.0 { both / all } else { 1.0 }
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

fn bits(fit: &[f32]) -> u64 {
    fit.iter().enumerate().filter(|(_, fit)| **fit > 0.0).fold(0, |all, (at, _)| all | 1 << at)
}
