//! Short texts, one behind the other in one piece of memory, found by any part of them.
//!
//! A hundred thousand of them are a few megabytes, which a processor looks through in about a millisecond: no tree of words and
//! ends of numbers is as small, and none finds a part from the middle.

use memchr::memmem::{self, Finder};
use std::collections::HashMap;
use std::hash::Hash;

/// Below how many taken away lines the text is not put together anew.
const FEW: usize = 1_000;

/// A line for each key that has one.
pub(super) struct Lines<K> {
    text: Vec<u8>,
    /// Where each line begins, and whose it is; nobody's once it was taken away.
    starts: Vec<(usize, Option<K>)>,
    places: HashMap<K, usize>,
}

impl<K> Default for Lines<K> {
    fn default() -> Self {
        Self { text: Vec::new(), starts: Vec::new(), places: HashMap::new() }
    }
}

impl<K: Copy + Eq + Hash> Lines<K> {
    /// Gives a key its line, in place of the one that it had.
    pub(super) fn put(&mut self, key: K, line: &str) {
        self.remove(key);
        self.push(key, line.as_bytes());
    }

    fn push(&mut self, key: K, line: &[u8]) {
        self.places.insert(key, self.starts.len());
        self.starts.push((self.text.len(), Some(key)));
        self.text.extend_from_slice(line);
    }

    /// Takes a key's line away: its letters leave memory at once.
    pub(super) fn remove(&mut self, key: K) {
        let Some(place) = self.places.remove(&key) else { return };
        let (start, end) = (self.starts[place].0, self.end(place));
        self.text[start..end].fill(0);
        self.starts[place].1 = None;
        if self.starts.len() > 2 * self.places.len() + FEW {
            self.put_together();
        }
    }

    /// Leaves out what was taken away.
    fn put_together(&mut self) {
        let old = std::mem::take(self);
        for (place, (start, key)) in old.starts.iter().enumerate() {
            if let Some(key) = key {
                self.push(*key, &old.text[*start..old.end(place)]);
            }
        }
    }

    pub(super) fn get(&self, key: K) -> Option<&[u8]> {
        self.places.get(&key).map(|place| self.line(*place))
    }

    fn line(&self, place: usize) -> &[u8] {
        &self.text[self.starts[place].0..self.end(place)]
    }

    fn end(&self, place: usize) -> usize {
        self.starts.get(place + 1).map_or(self.text.len(), |next| next.0)
    }

    /// The lines in which a part stands, and whose they are.
    pub(super) fn with<'a>(&'a self, part: &'a [u8]) -> impl Iterator<Item = (K, &'a [u8])> {
        let finder = Finder::new(part);
        let mut from = 0;
        std::iter::from_fn(move || {
            while let Some(at) = finder.find(self.text.get(from..)?).map(|at| from + at) {
                let place = self.starts.partition_point(|start| start.0 <= at).checked_sub(1)?;
                let end = self.end(place);
                // A part that begins in one line and ends in the next stands in neither; another may begin behind it.
                let whole = at + part.len() <= end;
                from = if whole { end } else { at + 1 };
                if let (true, Some(key)) = (whole, self.starts[place].1) {
                    return Some((key, self.line(place)));
                }
            }
            None
        })
    }

    /// How many bytes it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let of_place = size_of::<K>() + size_of::<usize>() + 1;
        self.text.capacity()
            + self.starts.capacity() * size_of::<(usize, Option<K>)>()
            + self.places.capacity() * of_place
    }
}

/// Whether a part stands in a text.
pub(super) fn holds(text: &[u8], part: &[u8]) -> bool {
    memmem::find(text, part).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn found(lines: &Lines<u8>, part: &str) -> Vec<u8> {
        let mut keys: Vec<u8> = lines.with(part.as_bytes()).map(|(key, _)| key).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn what_begins_in_one_line_and_ends_in_the_next_is_in_neither() {
        let mut lines = Lines::default();
        lines.put(1, "aab");
        lines.put(2, "baba");
        assert!(found(&lines, "bb").is_empty());
        assert_eq!(found(&lines, "ba"), [2]);
        lines.put(1, "ba");
        assert_eq!(found(&lines, "ba"), [1, 2]);
        assert_eq!(lines.get(1), Some(b"ba".as_slice()));
    }

    #[test]
    fn what_is_taken_away_leaves_memory() {
        let mut lines = Lines::default();
        lines.put(1, "nguyen");
        lines.put(2, "tran");
        lines.remove(1);
        assert!(!holds(&lines.text, b"n\0") && holds(&lines.text, b"tran") && !holds(&lines.text, b"nguyen"));
    }

    proptest! {
        /// The lines are what a map of texts is, whatever is put and taken away, and are put together anew in between.
        #[test]
        fn lines_hold_what_a_map_of_texts_holds(
            deeds in prop::collection::vec((0..40_u8, prop::option::weighted(0.8, "[ab]{0,4}")), 0..4_000),
            part in "[ab]{1,3}",
        ) {
            let (mut lines, mut map) = (Lines::default(), BTreeMap::new());
            for (key, line) in deeds {
                match line {
                    Some(line) => {
                        lines.put(key, &line);
                        map.insert(key, line);
                    }
                    None => {
                        lines.remove(key);
                        map.remove(&key);
                    }
                }
            }
            let plainly: Vec<u8> = map.iter().filter(|(_, line)| line.contains(&part)).map(|(key, _)| *key).collect();
            prop_assert_eq!(found(&lines, &part), plainly);
            prop_assert!(lines.starts.len() <= 2 * map.len() + FEW + 1);
        }
    }
}
