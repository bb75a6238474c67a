//! The words that the data knows: how much each tells, which stand side by side, and which are spelled alike.

use super::spelling;
use crate::words::{exact_key, search_key};
use std::collections::{BTreeMap, BTreeSet};

/// A word of the vocabulary, without its marks.
pub(super) type WordId = u32;

/// A word with its marks.
pub(super) type FormId = u32;

/// Two words side by side.
pub(super) type Pair = (WordId, WordId);

/// A word as it stands in a phrase.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Token {
    pub word: WordId,
    pub form: FormId,
}

/// What a word tells that is in every question, such as "tôi": next to nothing, so that it only breaks ties.
pub(super) const STOP_WEIGHT: f32 = 0.05;

/// What a word tells that no topic has: a name, a place, or something this house never heard of.
pub(super) const STRANGE_WEIGHT: f32 = 0.5;

/// What a pair tells, as a share of what a word would that is as rare.
const PAIR_WEIGHT: f32 = 0.4;

/// The least that any other word tells.
const LEAST_WEIGHT: f32 = 0.12;

#[derive(Clone, Default, Debug)]
pub(super) struct Vocabulary {
    words: BTreeMap<String, WordId>,
    forms: BTreeMap<String, FormId>,
    spellings: Vec<String>,
    weights: Vec<f32>,
    pairs: BTreeSet<Pair>,
    /// Those of which neither is a stop word as it is written there.
    telling_pairs: BTreeMap<Pair, f32>,
    stop_forms: BTreeSet<FormId>,
    /// Words that are stop words with some marks or with none.
    stop_words: BTreeSet<WordId>,
    /// Words by what is left of them when one letter is taken away, and by how they sound.
    shortened: BTreeMap<String, Vec<WordId>>,
    sounds: BTreeMap<String, Vec<WordId>>,
    short_forms: BTreeMap<String, Vec<String>>,
}

impl Vocabulary {
    /// A text's words, which are taken into the vocabulary.
    pub fn learn(&mut self, text: &str) -> Vec<Token> {
        let whole: Vec<String> = pieces(text).flat_map(|piece| self.written_out(piece)).collect();
        let tokens: Vec<Token> = whole.iter().map(|piece| self.learn_word(piece)).collect();
        for pair in tokens.windows(2) {
            let words = (pair[0].word, pair[1].word);
            self.pairs.insert(words);
            if pair.iter().all(|token| !self.stop_forms.contains(&token.form)) {
                self.telling_pairs.insert(words, 0.0);
            }
        }
        tokens
    }

    /// Takes in a word that tells nothing, with these marks. To be called before phrases are learned.
    pub fn learn_stop_word(&mut self, piece: &str) {
        let token = self.learn_word(piece);
        self.stop_forms.insert(token.form);
        self.stop_words.insert(token.word);
    }

    /// An abbreviation as what it stands for; other words as they are.
    fn written_out(&self, piece: String) -> Vec<String> {
        self.long_form(&keys(&piece).0).map_or_else(|| vec![piece], <[String]>::to_vec)
    }

    fn learn_word(&mut self, piece: &str) -> Token {
        let (bare, marked) = keys(piece);
        let next = self.forms.len() as FormId;
        let form = *self.forms.entry(marked).or_insert(next);
        if let Some(&word) = self.words.get(&bare) {
            return Token { word, form };
        }
        let word = self.spellings.len() as WordId;
        for shorter in spelling::shortened(&bare) {
            self.shortened.entry(shorter).or_default().push(word);
        }
        self.sounds.entry(spelling::sound(&bare)).or_default().push(word);
        self.words.insert(bare.clone(), word);
        self.spellings.push(bare);
        self.weights.push(1.0);
        Token { word, form }
    }

    pub fn learn_short_form(&mut self, short: &str, long: &str) {
        self.short_forms.insert(keys(short).0, pieces(long).collect());
    }

    /// Sets what each word and each pair tells: the fewer of the topics use it, the more.
    pub fn weigh(&mut self, topics: &[BTreeSet<WordId>], topics_pairs: &[BTreeSet<Pair>]) {
        let most = (topics.len() as f32 + 1.0).ln();
        let rare = |used: usize| ((topics.len() as f32 + 1.0) / (used as f32 + 0.5)).ln() / most;
        let mut used_by = vec![0_usize; self.spellings.len()];
        for &word in topics.iter().flatten() {
            used_by[word as usize] += 1;
        }
        for (weight, used) in self.weights.iter_mut().zip(used_by) {
            *weight = if used == 0 { STRANGE_WEIGHT } else { rare(used).clamp(LEAST_WEIGHT, 1.0) };
        }
        let mut used_by: BTreeMap<Pair, usize> = BTreeMap::new();
        for &pair in topics_pairs.iter().flatten() {
            *used_by.entry(pair).or_default() += 1;
        }
        for (pair, weight) in &mut self.telling_pairs {
            let used = used_by.get(pair).copied().unwrap_or(0);
            *weight = if used == 0 { 0.0 } else { PAIR_WEIGHT * rare(used).clamp(LEAST_WEIGHT, 1.0) };
        }
    }

    pub fn len(&self) -> usize {
        self.spellings.len()
    }

    pub fn word(&self, bare: &str) -> Option<WordId> {
        self.words.get(bare).copied()
    }

    /// A form that was learned; others fit no phrase's.
    pub fn form(&self, marked: &str) -> Option<FormId> {
        self.forms.get(marked).copied()
    }

    /// What a word tells, whatever its marks.
    pub fn weight(&self, word: WordId) -> f32 {
        self.weights[word as usize]
    }

    /// What a word of a phrase tells.
    pub fn weight_of(&self, token: Token) -> f32 {
        if self.is_stop_form(token.form) { STOP_WEIGHT } else { self.weight(token.word) }
    }

    pub fn is_stop_form(&self, form: FormId) -> bool {
        self.stop_forms.contains(&form)
    }

    /// Whether a word is a stop word with some marks.
    pub fn may_be_stop_word(&self, word: WordId) -> bool {
        self.stop_words.contains(&word)
    }

    /// Whether any phrase has these two side by side, and neither as a stop word.
    pub fn tell_together(&self, first: WordId, second: WordId) -> bool {
        self.telling_pairs.contains_key(&(first, second))
    }

    /// What a pair tells beyond its words: most words of the language are two syllables.
    pub fn pair_weight(&self, pair: Pair) -> f32 {
        self.telling_pairs.get(&pair).copied().unwrap_or(0.0)
    }

    /// Whether any phrase has these two side by side.
    pub fn side_by_side(&self, first: WordId, second: WordId) -> bool {
        self.pairs.contains(&(first, second))
    }

    /// What an abbreviation stands for.
    pub fn long_form(&self, bare: &str) -> Option<&[String]> {
        self.short_forms.get(bare).map(Vec::as_slice)
    }

    /// Words that sound the same in some part of the country.
    pub fn sounding_like(&self, bare: &str) -> impl Iterator<Item = WordId> {
        self.sounds.get(&spelling::sound(bare)).into_iter().flatten().copied()
    }

    /// Words that one slip of the finger away, two in long words.
    pub fn spelled_like(&self, bare: &str) -> BTreeSet<WordId> {
        let slips = if bare.len() >= 7 { 2 } else { 1 };
        let shorter = spelling::shortened(bare).into_iter().chain([bare.to_owned()]);
        let near = shorter.filter_map(|key| self.shortened.get(&key)).flatten().copied();
        let longer = spelling::shortened(bare).into_iter().filter_map(|key| self.word(&key));
        near.chain(longer).filter(|&word| spelling::slips(bare, &self.spellings[word as usize]) <= slips).collect()
    }
}

/// The words of a text as they are written.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = String> {
    let whole: Vec<String> = crate::words::nfc(text)
        .split(|letter: char| !letter.is_alphanumeric() && !unicode_normalization::char::is_combining_mark(letter))
        .filter(|piece| !search_key(piece).is_empty())
        .map(str::to_owned)
        .collect();
    whole.into_iter()
}

/// A word without and with its marks. `lý` and `lí` are one word, written by two rules.
pub(super) fn keys(piece: &str) -> (String, String) {
    (spelling::one_i(&search_key(piece)), spelling::one_i(&exact_key(piece)))
}
