//! What people call things, prepared for comparing: of each procedure, of what is done elsewhere, of what is vague.

use super::Said;
use super::data::Data;
use super::reading::{Marks, Word};
use super::vocabulary::{Token, Vocabulary, WordId};
use crate::catalogue::{Catalogue, Procedure};
use crate::ids::ProcedureCode;
use std::collections::{BTreeMap, BTreeSet};

/// A set of concepts, a bit each.
pub(super) type Concepts = u128;

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
}

#[derive(Clone, Debug)]
pub(super) struct Phrase {
    pub text: String,
    pub words: Vec<PhraseWord>,
    /// What all its words tell together.
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
    concepts: ConceptWords,
    procedures: Vec<Named>,
    entries: Vec<Entry>,
}

impl Index {
    pub fn new(catalogue: &Catalogue, data: &Data) -> Self {
        let mut vocabulary = Vocabulary::default();
        let procedures: Vec<Named> = catalogue.procedures().iter().map(named).collect();
        let topics = topics(catalogue, data, &procedures);
        let learned: Vec<(Topic, Vec<(String, Vec<Token>)>)> = topics
            .into_iter()
            .map(|(topic, texts)| (topic, texts.into_iter().map(|it| (it.clone(), vocabulary.learn(&it))).collect()))
            .collect();
        let concepts = ConceptWords::new(data, &mut vocabulary);
        for (short, long) in &data.short_forms {
            vocabulary.learn(long);
            vocabulary.learn_short_form(short, long);
        }
        let words_of = |texts: &Vec<(String, Vec<Token>)>| texts.iter().flat_map(|it| &it.1).map(|it| it.word).collect();
        let used: Vec<BTreeSet<WordId>> = learned.iter().map(|(_, texts)| words_of(texts)).collect();
        vocabulary.weigh(&used, &data.stop_words);
        let entry = |(topic, texts): (Topic, Vec<(String, Vec<Token>)>)| entry(topic, texts, &vocabulary, &concepts);
        let entries = learned.into_iter().map(entry).collect();
        Self { vocabulary, concepts, procedures, entries }
    }

    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    pub fn procedure(&self, at: usize) -> &Named {
        &self.procedures[at]
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Concepts that tell variants apart.
    pub fn deciding(&self) -> Concepts {
        self.concepts.deciding
    }

    /// The concepts that each word of a question is a part of.
    pub fn concepts_of(&self, words: &[Word]) -> Vec<Concepts> {
        let fits = |at: usize, token: &Token| {
            words.get(at).is_some_and(|word| word.meant == Some(token.word) && may_be(word.form, token))
        };
        self.concepts.of(words.len(), |at| words[at].meant, fits)
    }
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

fn entry(
    topic: Topic,
    texts: Vec<(String, Vec<Token>)>,
    vocabulary: &Vocabulary,
    concepts: &ConceptWords,
) -> Entry {
    let phrase = |(text, tokens): (String, Vec<Token>)| {
        let found = concepts.of(tokens.len(), |at| Some(tokens[at].word), |at, token| tokens.get(at) == Some(token));
        let word = |(&token, concepts): (&Token, Concepts)| {
            PhraseWord { token, weight: vocabulary.weight(token.word), concepts }
        };
        let words: Vec<PhraseWord> = tokens.iter().zip(found).map(word).collect();
        let weight = words.iter().map(|word| word.weight).sum();
        let concepts = words.iter().fold(0, |all, word| all | word.concepts);
        Phrase { text, words, weight, concepts }
    };
    let phrases: Vec<Phrase> = texts.into_iter().map(phrase).collect();
    let concepts = phrases.iter().fold(0, |all, phrase| all | phrase.concepts);
    Entry { topic, phrases, concepts }
}

/// The words of all concepts, by their first words.
#[derive(Clone, Debug)]
struct ConceptWords {
    by_first: BTreeMap<WordId, Vec<(Vec<Token>, Concepts)>>,
    deciding: Concepts,
}

impl ConceptWords {
    fn new(data: &Data, vocabulary: &mut Vocabulary) -> Self {
        let mut by_first: BTreeMap<WordId, Vec<(Vec<Token>, Concepts)>> = BTreeMap::new();
        let mut deciding = 0;
        for (bit, concept) in data.concepts.iter().enumerate() {
            let bit: Concepts = 1 << bit;
            deciding |= if concept.decides { bit } else { 0 };
            for text in &concept.words {
                let tokens = vocabulary.learn(text);
                if let Some(first) = tokens.first() {
                    by_first.entry(first.word).or_default().push((tokens.clone(), bit));
                }
            }
        }
        Self { by_first, deciding }
    }

    /// The concepts of each of `count` words, given what each word is and whether it fits a concept's word.
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
