//! Vietnamese text: one form to store, keys to compare, an order to sort by, and a search by words.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text in NFC, the form in which everything is stored.
pub fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// The text without marks, capitals and punctuation, words one space apart: `Đống Đa` and `dong  da` are the same.
pub fn search_key(text: &str) -> String {
    words_of(text).iter().map(Word::bare).collect::<Vec<_>>().join(" ")
}

/// Like [`search_key`], but with its marks, wherever in the syllable the tone is written: `Hoà` and `hòa` are the
/// same, `hoa` is another. For comparing only: each tone stands at the end of its word.
pub fn exact_key(text: &str) -> String {
    words_of(text).iter().map(Word::marked).collect::<Vec<_>>().join(" ")
}

/// A key by which Vietnamese text sorts: word by word, in each word first the letters (a ă â b c d đ e ê … u ư …), then
/// the tone (none, huyền, hỏi, ngã, sắc, nặng).
pub fn sort_key(text: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(text.len() + 4);
    for word in words_of(text) {
        key.extend(word.letters.iter().map(|&letter| rank(letter)));
        key.extend([WORD_ENDS, word.tone.map_or(0, Tone::rank)]);
    }
    key
}

/// A search over texts by the beginnings of words, in any order, with or without marks.
#[derive(Clone, Debug)]
pub struct WordSearch<K> {
    entries: Vec<Entry<K>>,
}

#[derive(Clone, Debug)]
struct Entry<K> {
    key: K,
    titles: Vec<Title>,
}

#[derive(Clone, Debug)]
struct Title {
    words: Vec<(String, String)>,
    exact: String,
}

/// How well an entry fits: smaller is better.
type Score = (u8, usize);

impl<K> WordSearch<K> {
    /// Prepares a search over entries, each with its titles (such as a name in two languages and a code). Entries that fit
    /// equally well are found in the order in which they are given.
    pub fn new<T: AsRef<str>>(entries: impl IntoIterator<Item = (K, Vec<T>)>) -> Self {
        let prepare = |(key, titles): (K, Vec<T>)| Entry {
            key,
            titles: titles.iter().map(|title| Title::new(title.as_ref())).collect(),
        };
        Self { entries: entries.into_iter().map(prepare).collect() }
    }

    /// The entries that have, in one title, a word beginning with each word of `query`; the best first. A query without
    /// words finds everything.
    pub fn find(&self, query: &str) -> Vec<&K> {
        let asked = Title::new(query);
        let mut found: Vec<(Score, &K)> =
            self.entries.iter().filter_map(|entry| Some((entry.score(&asked)?, &entry.key))).collect();
        found.sort_by_key(|(score, _)| *score);
        found.into_iter().map(|(_, key)| key).collect()
    }
}

impl<K> Entry<K> {
    fn score(&self, asked: &Title) -> Option<Score> {
        self.titles.iter().filter_map(|title| title.score(asked)).min()
    }
}

impl Title {
    fn new(text: &str) -> Self {
        let words: Vec<(String, String)> = words_of(text).iter().map(|word| (word.bare(), word.marked())).collect();
        Self { exact: exact_key(text), words }
    }

    /// Whole titles before parts, words with their marks before bare ones, whole words before beginnings.
    fn score(&self, asked: &Title) -> Option<Score> {
        if asked.words.is_empty() {
            return Some(Score::default());
        }
        let mut looseness = 0;
        for word in &asked.words {
            looseness += self.words.iter().filter_map(|have| fit(have, word)).min()?;
        }
        let part = u8::from(self.exact != asked.exact);
        Some((part, looseness))
    }
}

/// How loosely a title's word fits the asked one: as it is written, beginning so, without marks, beginning so without
/// marks.
fn fit(have: &(String, String), asked: &(String, String)) -> Option<usize> {
    if have.1 == asked.1 {
        Some(0)
    } else if have.1.starts_with(&asked.1) {
        Some(1)
    } else if have.0 == asked.0 {
        Some(2)
    } else if have.0.starts_with(&asked.0) {
        Some(3)
    } else {
        None
    }
}

const WORD_ENDS: u8 = 1;

/// The letters in dictionary order, behind the digits.
const ALPHABET: &str = "0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";

fn rank(letter: char) -> u8 {
    let found = ALPHABET.chars().position(|have| have == letter);
    // Letters of other alphabets stand behind ours.
    found.map_or(u8::MAX, |at| at as u8 + WORD_ENDS + 1)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tone {
    Huyen,
    Hoi,
    Nga,
    Sac,
    Nang,
}

impl Tone {
    fn of(mark: char) -> Option<Self> {
        match mark {
            '\u{300}' => Some(Tone::Huyen),
            '\u{309}' => Some(Tone::Hoi),
            '\u{303}' => Some(Tone::Nga),
            '\u{301}' => Some(Tone::Sac),
            '\u{323}' => Some(Tone::Nang),
            _ => None,
        }
    }

    fn mark(self) -> char {
        match self {
            Tone::Huyen => '\u{300}',
            Tone::Hoi => '\u{309}',
            Tone::Nga => '\u{303}',
            Tone::Sac => '\u{301}',
            Tone::Nang => '\u{323}',
        }
    }

    fn rank(self) -> u8 {
        self as u8 + 1
    }
}

/// A word: its letters in small, each with its shape mark (ă â ê ô ơ ư đ) and without its tone; and its tone.
struct Word {
    letters: Vec<char>,
    tone: Option<Tone>,
}

impl Word {
    fn bare(&self) -> String {
        self.letters.iter().map(|&letter| unmarked(letter)).collect()
    }

    /// With the tone last, wherever it was written: both placements are one, and a word typed before its tone is the
    /// beginning of the word.
    fn marked(&self) -> String {
        self.letters.iter().copied().chain(self.tone.map(Tone::mark)).collect()
    }
}

fn words_of(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    for character in text.nfd().flat_map(char::to_lowercase) {
        if is_combining_mark(character) {
            if let (true, Some(word)) = (open, words.last_mut()) {
                add_mark(word, character);
            }
        } else if character.is_alphanumeric() {
            if !open {
                words.push(Word { letters: Vec::new(), tone: None });
            }
            open = true;
            if let Some(word) = words.last_mut() {
                word.letters.push(character);
            }
        } else {
            open = false;
        }
    }
    words
}

fn add_mark(word: &mut Word, mark: char) {
    if let Some(tone) = Tone::of(mark) {
        word.tone = Some(tone);
    } else if let Some(last) = word.letters.last_mut() {
        // Marks that make no Vietnamese letter are dropped.
        *last = shaped(*last, mark);
    }
}

fn shaped(letter: char, mark: char) -> char {
    match (letter, mark) {
        ('a', '\u{306}') => 'ă',
        ('a', '\u{302}') => 'â',
        ('e', '\u{302}') => 'ê',
        ('o', '\u{302}') => 'ô',
        ('o', '\u{31b}') => 'ơ',
        ('u', '\u{31b}') => 'ư',
        _ => letter,
    }
}

fn unmarked(letter: char) -> char {
    match letter {
        'ă' | 'â' => 'a',
        'đ' => 'd',
        'ê' => 'e',
        'ô' | 'ơ' => 'o',
        'ư' => 'u',
        _ => letter,
    }
}
