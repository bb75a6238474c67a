//! What people call things, prepared for comparing: of each procedure, of what is done elsewhere, of what is vague.

use super::Said;
use super::data::Data;
use super::reading::{Marks, Word};
use super::vocabulary::{Pair, STOP_WEIGHT, STRANGE_WEIGHT, Token, Vocabulary, WordId, pieces};
use crate::catalogue::{Catalogue, Procedure};
use crate::ids::ProcedureCode;
use std::collections::{BTreeMap, BTreeSet};

/// A set of concepts, a bit each.
pub(super) type Concepts = u128;

/// What a word tells at least that is known with other marks only.
const OTHER_MARKS: f32 = 0.4;

/// What a number or a single letter tells.
const LITTLE: f32 = 0.15;

/// What may be meant.
#[derive(Clone, Debug)]
pub(super) enum Topic {
    Procedure { at: usize, needs: Concepts },
    Elsewhere(Said),
    Vague { question: Said, codes: Vec<usize> },
}

/// A procedure as it is named in an answer.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub code: ProcedureCode,
    pub name: Said,
    /// Its place among what people come for most, from 1.
    pub popular: Option<u16>,
}

/// A topic and all that people call it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub topic: Topic,
    pub phrases: Vec<Phrase>,
    /// The concepts that any of its phrases names.
    pub concepts: Concepts,
    /// In how many of its phrases a word stands: what is in many is what it is about.
    pub words: BTreeMap<WordId, usize>,
    /// The same of each concept.
    pub named: BTreeMap<Concepts, usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Phrase {
    pub text: String,
    pub words: Vec<PhraseWord>,
    /// What each of its words tells together with the next.
    pub pairs: Vec<f32>,
    /// What all its words and pairs tell together.
    pub weight: f32,
    pub concepts: Concepts,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct PhraseWord {
    pub token: Token,
    pub weight: f32,
    pub concepts: Concepts,
}

#[derive(Clone, Debug)]
pub(super) struct Index {
    vocabulary: Vocabulary,
    concepts: Spans,
    deciding: Concepts,
    stop_phrases: Spans,
    procedures: Vec<Named>,
    entries: Vec<Entry>,
}

impl Index {
    pub fn new(catalogue: &Catalogue, data: &Data) -> Self {
        let mut vocabulary = Vocabulary::default();
        let (stop_words, stop_phrases): (Vec<String>, Vec<String>) =
            data.stop_words.iter().cloned().partition(|text| pieces(text).count() == 1);
        stop_words.iter().flat_map(|text| pieces(text)).for_each(|word| vocabulary.learn_stop_word(&word));
        for (short, long) in &data.short_forms {
            vocabulary.learn_short_form(short, long);
        }
        let procedures: Vec<Named> = catalogue.procedures().iter().map(named).collect();
        let learn = |(topic, texts): (Topic, Vec<String>)| {
            let tokens = |text: String| (vocabulary.learn(&text), text);
            (topic, texts.into_iter().map(tokens).map(|(tokens, text)| Learned { text, tokens }).collect())
        };
        let learned: Vec<(Topic, Vec<Learned>)> = topics(catalogue, data, &procedures).into_iter().map(learn).collect();
        let spans = data.concepts.iter().enumerate().map(|(bit, concept)| (1 << bit, &concept.words[..]));
        let concepts = Spans::new(spans, &mut vocabulary);
        let stop_phrases = Spans::new([(1, &stop_phrases[..])], &mut vocabulary);
        data.short_forms.values().for_each(|long| drop(vocabulary.learn(long)));
        let words_of = |texts: &Vec<Learned>| texts.iter().flat_map(|it| &it.tokens).map(|it| it.word).collect();
        let used: Vec<BTreeSet<WordId>> = learned.iter().map(|(_, texts)| words_of(texts)).collect();
        let pairs_of = |texts: &Vec<Learned>| texts.iter().flat_map(|it| pairs(&it.tokens)).collect();
        let used_pairs: Vec<BTreeSet<Pair>> = learned.iter().map(|(_, texts)| pairs_of(texts)).collect();
        vocabulary.weigh(&used, &used_pairs);
        let deciding = data.concepts.iter().enumerate().filter(|(_, concept)| concept.decides);
        let deciding = deciding.fold(0, |all, (bit, _)| all | 1 << bit);
        let mut index = Self { vocabulary, concepts, deciding, stop_phrases, procedures, entries: Vec::new() };
        index.entries = learned.into_iter().map(|(topic, texts)| index.entry(topic, texts)).collect();
        index
    }

    fn entry(&self, topic: Topic, texts: Vec<Learned>) -> Entry {
        let phrases: Vec<Phrase> = texts.into_iter().map(|learned| self.phrase(learned)).collect();
        let concepts = phrases.iter().fold(0, |all, phrase| all | phrase.concepts);
        let mut words: BTreeMap<WordId, usize> = BTreeMap::new();
        let mut named: BTreeMap<Concepts, usize> = BTreeMap::new();
        for phrase in &phrases {
            let once: BTreeSet<WordId> = phrase.words.iter().map(|word| word.token.word).collect();
            once.into_iter().for_each(|word| *words.entry(word).or_default() += 1);
            bits_of(phrase.concepts).for_each(|bit| *named.entry(bit).or_default() += 1);
        }
        Entry { topic, phrases, concepts, words, named }
    }

    fn phrase(&self, learned: Learned) -> Phrase {
        let tokens = &learned.tokens;
        let find = |spans: &Spans| {
            spans.of(tokens.len(), |at| Some(tokens[at].word), |at, token| tokens.get(at) == Some(token))
        };
        let (concepts, stops) = (find(&self.concepts), find(&self.stop_phrases));
        let word = |at: usize| {
            let weight = if stops[at] != 0 { STOP_WEIGHT } else { self.vocabulary.weight_of(tokens[at]) };
            PhraseWord { token: tokens[at], weight, concepts: concepts[at] }
        };
        let words: Vec<PhraseWord> = (0..tokens.len()).map(word).collect();
        let pair = |pair: &[PhraseWord]| self.vocabulary.pair_weight((pair[0].token.word, pair[1].token.word));
        let pairs: Vec<f32> = words.windows(2).map(pair).collect();
        let weight = words.iter().map(|word| word.weight).chain(pairs.iter().copied()).sum();
        let concepts = concepts.iter().fold(0, |all, one| all | one);
        Phrase { text: learned.text, words, pairs, weight, concepts }
    }

    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    pub fn coded(&self, code: &str) -> Option<&ProcedureCode> {
        self.procedures.iter().map(|known| &known.code).find(|known| known.as_str() == code)
    }

    pub fn procedure(&self, at: usize) -> &Named {
        &self.procedures[at]
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Concepts that tell variants apart.
    pub fn deciding(&self) -> Concepts {
        self.deciding
    }

    /// The concepts that each word of a question is a part of.
    pub fn concepts_of(&self, words: &[Word]) -> Vec<Concepts> {
        spans_of(&self.concepts, words)
    }

    /// What each word of a question tells.
    pub fn weights_of(&self, words: &[Word]) -> Vec<f32> {
        let stops = spans_of(&self.stop_phrases, words);
        let weight = |at: usize| {
            let word = &words[at];
            match word.meant {
                _ if stops[at] != 0 => STOP_WEIGHT,
                Some(meant) if self.is_stop_word(words, at, meant) => STOP_WEIGHT,
                // Marks that no phrase has make it another word, or it is misspelled.
                Some(meant) if word.form == Marks::Written(None) => self.vocabulary.weight(meant).max(OTHER_MARKS),
                Some(meant) => self.vocabulary.weight(meant),
                // Numbers and single letters tell little.
                None if word.written.chars().nth(1).is_none() => LITTLE,
                None if word.written.chars().all(|it| it.is_ascii_digit()) => LITTLE,
                None => STRANGE_WEIGHT,
            }
        };
        (0..words.len()).map(weight).collect()
    }

    /// By its marks; where it has none, by its neighbours: `tu` is a stop word, and none behind `khai`.
    fn is_stop_word(&self, words: &[Word], at: usize, meant: WordId) -> bool {
        match words[at].form {
            Marks::Written(form) => form.is_some_and(|form| self.vocabulary.is_stop_form(form)),
            Marks::Forgotten(Some(form)) if self.vocabulary.is_stop_form(form) => true,
            Marks::Forgotten(_) | Marks::Unwritten => {
                let neighbour = |at: Option<usize>| at.and_then(|at| words.get(at)).and_then(|word| word.meant);
                let before = neighbour(at.checked_sub(1));
                let told = before.is_some_and(|before| self.vocabulary.tell_together(before, meant))
                    || neighbour(Some(at + 1)).is_some_and(|behind| self.vocabulary.tell_together(meant, behind));
                self.vocabulary.may_be_stop_word(meant) && !told
            }
        }
    }
}

fn spans_of(spans: &Spans, words: &[Word]) -> Vec<Concepts> {
    let fits = |at: usize, token: &Token| {
        words.get(at).is_some_and(|word| word.meant == Some(token.word) && may_be(word.form, token))
    };
    spans.of(words.len(), |at| words[at].meant, fits)
}

/// Each concept of a set by itself.
pub(super) fn bits_of(concepts: Concepts) -> impl Iterator<Item = Concepts> {
    (0..Concepts::BITS).map(|bit| 1 << bit).filter(move |bit| concepts & bit != 0)
}

/// Whether marks that were written allow this form.
fn may_be(marks: Marks, token: &Token) -> bool {
    match marks {
        Marks::Unwritten => true,
        Marks::Written(form) | Marks::Forgotten(form) => form == Some(token.form),
    }
}

fn named(procedure: &Procedure) -> Named {
    Named {
        code: procedure.code.clone(),
        name: Said { vi: procedure.name_vi.clone(), en: procedure.name_en_or_vi().to_owned() },
        popular: procedure.popular,
    }
}

fn topics(catalogue: &Catalogue, data: &Data, procedures: &[Named]) -> Vec<(Topic, Vec<String>)> {
    let at = |code: &ProcedureCode| procedures.iter().position(|it| it.code == *code);
    let concept = |id: &String| data.concepts.iter().position(|it| it.id == *id).map_or(0, |bit| 1 << bit);
    let mut topics = Vec::new();
    for names in &data.procedures {
        let Some((at, procedure)) = at(&names.code).zip(catalogue.get(&names.code)) else { continue };
        let needs = names.needs.iter().map(concept).fold(0, |all, one| all | one);
        let official = [Some(procedure.name_vi.clone()), procedure.name_en.clone()].into_iter().flatten();
        let texts = official.chain(names.phrases.iter().cloned()).collect();
        topics.push((Topic::Procedure { at, needs }, texts));
    }
    for place in &data.elsewhere {
        let said = Said { vi: place.name_vi.clone(), en: place.name_en.clone() };
        topics.push((Topic::Elsewhere(said), place.phrases.clone()));
    }
    for vague in &data.vague {
        let question = Said { vi: vague.question_vi.clone(), en: vague.question_en.clone() };
        let codes = vague.codes.iter().filter_map(at).collect();
        topics.push((Topic::Vague { question, codes }, vague.phrases.clone()));
    }
    topics
}

/// A phrase and its words.
struct Learned {
    text: String,
    tokens: Vec<Token>,
}

fn pairs(tokens: &[Token]) -> impl Iterator<Item = Pair> {
    tokens.windows(2).map(|pair| (pair[0].word, pair[1].word))
}

/// Phrases that stand for something, by their first words.
#[derive(Clone, Debug)]
struct Spans {
    by_first: BTreeMap<WordId, Vec<(Vec<Token>, Concepts)>>,
}

impl Spans {
    fn new<'a>(spans: impl IntoIterator<Item = (Concepts, &'a [String])>, vocabulary: &mut Vocabulary) -> Self {
        let mut by_first: BTreeMap<WordId, Vec<(Vec<Token>, Concepts)>> = BTreeMap::new();
        for (bit, texts) in spans {
            for tokens in texts.iter().map(|text| vocabulary.learn(text)) {
                if let Some(first) = tokens.first() {
                    by_first.entry(first.word).or_default().push((tokens, bit));
                }
            }
        }
        Self { by_first }
    }

    /// What each of `count` words stands for, given what each word is and whether it fits a phrase's word.
    fn of(
        &self,
        count: usize,
        word: impl Fn(usize) -> Option<WordId>,
        fits: impl Fn(usize, &Token) -> bool,
    ) -> Vec<Concepts> {
        let mut found = vec![0; count];
        for at in 0..count {
            for (tokens, bit) in word(at).and_then(|first| self.by_first.get(&first)).into_iter().flatten() {
                if tokens.iter().enumerate().all(|(ahead, token)| fits(at + ahead, token)) {
                    found[at..at + tokens.len()].iter_mut().for_each(|concepts| *concepts |= bit);
                }
            }
        }
        found
    }
}
