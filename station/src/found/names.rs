//! What is searched, and what of it is known: codes at once, people as they are read.

use super::lines::{Lines, holds};
use intake::dossier::Dossier;
use intake::ids::{DossierId, EventId};
use intake::person::Personal;
use intake::words::search_key;
use std::collections::{BTreeSet, HashMap};

/// The codes of all dossiers, the people whose sealed parts were read, and whose are still to be read.
#[derive(Default)]
pub(super) struct Names {
    codes: Lines<DossierId>,
    people: Lines<DossierId>,
    /// The event whose sealed part says who stands behind a dossier.
    about: HashMap<DossierId, EventId>,
    to_read: BTreeSet<DossierId>,
    /// What is being read just now; none once something newer is to be read in its place.
    reading: Option<DossierId>,
    /// What no key opened yet.
    closed: BTreeSet<DossierId>,
}

impl Names {
    /// Takes in a dossier as it now stands. What it said of its person before and no longer says is not found any more.
    pub(super) fn note(&mut self, dossier: &Dossier, forgotten: bool) {
        let id = dossier.id;
        let code = line_of_codes(dossier);
        if self.codes.get(id) != Some(code.as_bytes()) {
            self.codes.put(id, &code);
        }
        let said_before = self.about.insert(id, dossier.about);
        if forgotten {
            self.leave(id);
        } else if said_before != Some(dossier.about) {
            self.leave(id);
            self.to_read.insert(id);
        }
    }

    fn leave(&mut self, id: DossierId) {
        self.people.remove(id);
        self.to_read.remove(&id);
        self.closed.remove(&id);
        self.reading = self.reading.filter(|reading| *reading != id);
    }

    /// Keys may have come: what no key opened is tried again.
    pub(super) fn try_again(&mut self) {
        self.to_read.append(&mut self.closed);
    }

    /// Whom to read next, those who came last first, and where that stands.
    pub(super) fn next(&mut self) -> Option<(DossierId, EventId)> {
        self.reading = self.to_read.pop_last();
        let id = self.reading?;
        Some((id, *self.about.get(&id)?))
    }

    pub(super) fn is_all_read(&self) -> bool {
        self.to_read.is_empty()
    }

    /// How many are still to be read.
    pub(super) fn still_to_read(&self) -> usize {
        self.to_read.len() + usize::from(self.reading.is_some())
    }

    /// Takes in what was read, unless it was amended or forgotten meanwhile.
    pub(super) fn learn(&mut self, id: DossierId, read: Read) {
        if self.reading.take_if(|reading| *reading == id).is_none() {
            return;
        }
        match read {
            Read::Person(personal) => self.people.put(id, &line_of_person(*personal)),
            Read::Nobody => {}
            Read::Closed => {
                self.closed.insert(id);
            }
        }
    }

    /// The dossiers that fit, in the order of their ids.
    pub(super) fn find(&self, query: &Query) -> Vec<DossierId> {
        let by_code = self.codes.with(query.code.as_bytes()).map(|(id, _)| id);
        let people = query.rarest().into_iter().flat_map(|part| self.people.with(part.as_bytes()));
        let by_person = people.filter(|(_, line)| query.fits(line)).map(|(id, _)| id);
        let mut found: Vec<DossierId> = by_code.chain(by_person).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// How many bytes it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let of_about = size_of::<(DossierId, EventId)>() + 1;
        self.codes.bytes() + self.people.bytes() + self.about.capacity() * of_about
    }
}

/// What became of reading a sealed part.
pub(super) enum Read {
    Person(Box<Personal>),
    /// There is nothing to read.
    Nobody,
    /// No key that is here opens it.
    Closed,
}

fn line_of_codes(dossier: &Dossier) -> String {
    let code = dossier.code.text();
    dossier.alias.as_deref().map_or_else(|| code.clone(), |alias| format!("{code}\n{alias}"))
}

/// The name without its marks, a blank before each word; below it numbers and telephone, digits only, a blank between.
fn line_of_person(personal: Personal) -> String {
    let identity = personal.identity.as_ref();
    let name = identity.map(|identity| format!(" {}", search_key(&identity.name))).unwrap_or_default();
    let number = identity.map(|identity| identity.number.as_str()).unwrap_or_default();
    let old = identity.and_then(|identity| identity.old_number.as_deref()).unwrap_or_default();
    let phone = digits(&personal.contact.unwrap_or_default().phone);
    format!("{name}\n{number} {old} {phone}")
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// What is searched.
pub(super) struct Query {
    /// The beginnings of a name's words, a blank before each.
    words: Vec<String>,
    /// A part of a number or a telephone, where nothing else is written.
    digits: String,
    /// A part of a code.
    code: String,
}

impl Query {
    /// What somebody wrote; never nothing.
    pub(super) fn of(text: &str) -> Self {
        let all_digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || " .-+".contains(c));
        let words = search_key(text);
        Self {
            words: words.split(' ').filter(|word| !word.is_empty()).map(|word| format!(" {word}")).collect(),
            digits: if all_digits { digits(text) } else { String::new() },
            code: intake::words::nfc(text).to_uppercase().split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    /// The part that stands with the fewest people: digits, or the longest word.
    fn rarest(&self) -> Option<&str> {
        match self.digits.as_str() {
            "" => self.words.iter().max_by_key(|word| word.len()).map(String::as_str),
            digits => Some(digits),
        }
    }

    /// Whether a person's line fits.
    fn fits(&self, line: &[u8]) -> bool {
        let Some(ends) = line.iter().position(|byte| *byte == b'\n') else { return false };
        let (name, numbers) = line.split_at(ends);
        if self.digits.is_empty() {
            self.words.iter().all(|word| holds(name, word.as_bytes()))
        } else {
            holds(numbers, self.digits.as_bytes())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use intake::person::{Contact, Evidence, Identity};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn personal(name: &str, number: &str, old: Option<&str>, phone: &str) -> Read {
        let identity = Identity {
            number: number.into(),
            old_number: old.map(str::to_owned),
            name: name.into(),
            birth: "1999".into(),
            sex: "Nữ".into(),
            residence: String::new(),
            issued: None,
            extra: vec![],
            evidence: Evidence::Typed,
            warnings: vec![],
        };
        let contact = Contact { phone: phone.into(), email: String::new() };
        let personal = Personal { identity: Some(identity), contact: Some(contact), ..Personal::default() };
        Read::Person(Box::new(personal))
    }

    fn dao() -> Read {
        personal("Nguyễn Thị Đào", "001199000123", Some("012345678"), "0912 345 678")
    }

    fn id(no: u128) -> DossierId {
        DossierId(Uuid::from_u128(no))
    }

    /// A dossier of which only its event is told, as `note` would tell it.
    fn told(names: &mut Names, dossier: DossierId, event: u128) {
        names.about.insert(dossier, EventId(Uuid::from_u128(event)));
        names.leave(dossier);
        names.to_read.insert(dossier);
    }

    fn learnt(names: &mut Names, dossier: DossierId, read: Read) {
        told(names, dossier, 1);
        assert_eq!(names.next().map(|(next, _)| next), Some(dossier));
        names.learn(dossier, read);
    }

    fn found(names: &Names, words: &str) -> Vec<DossierId> {
        names.find(&Query::of(words))
    }

    #[test]
    fn a_person_is_found_however_they_are_written() {
        let mut names = Names::default();
        learnt(&mut names, id(1), dao());
        for words in [
            "Nguyễn Thị Đào",
            "nguyen thi dao",
            "đào",
            "dao nguyen",
            "ng dao",
            "001199000123",
            "0912345678",
            "345 678",
            "012345678",
        ] {
            assert_eq!(found(&names, words), [id(1)], "{words}");
        }
        for words in ["Trần", "guyen", "ao", "999999", "123 012", "-"] {
            assert_eq!(found(&names, words), [], "{words}");
        }
    }

    #[test]
    fn a_dossier_is_found_by_parts_of_its_codes() {
        let mut names = Names::default();
        names.codes.put(id(1), "H26.112.00-261124-0041\nTẠM-Q3-261124-7F3QXM");
        names.codes.put(id(2), "TẠM-Q3-261124-000001");
        assert_eq!(found(&names, "261"), [id(1), id(2)]);
        assert_eq!(found(&names, "0041"), [id(1)]);
        assert_eq!(found(&names, "tạm-q3"), [id(1), id(2)]);
        assert_eq!(found(&names, "7f3q"), [id(1)]);
        assert_eq!(found(&names, "0041 TẠM"), [], "no code goes on in the other");
    }

    #[test]
    fn what_changes_while_it_is_read_is_read_again() {
        let mut names = Names::default();
        told(&mut names, id(1), 1);
        let _ = names.next();
        assert_eq!(names.still_to_read(), 1, "what is being read is not known yet");
        told(&mut names, id(1), 2);
        names.learn(id(1), dao());
        assert_eq!(found(&names, "dao"), []);
        assert_eq!(names.next(), Some((id(1), EventId(Uuid::from_u128(2)))));
        names.learn(id(1), personal("Trần Văn Mẫu", "", None, ""));
        assert_eq!((found(&names, "mau"), names.still_to_read()), (vec![id(1)], 0));
    }

    #[test]
    fn whoever_is_forgotten_while_they_are_read_is_not_learnt() {
        let mut names = Names::default();
        told(&mut names, id(1), 1);
        let _ = names.next();
        names.leave(id(1));
        names.learn(id(1), dao());
        assert_eq!((found(&names, "dao"), names.still_to_read()), (vec![], 0));
    }

    #[test]
    fn what_no_key_opens_is_tried_again_with_the_next_news() {
        let mut names = Names::default();
        learnt(&mut names, id(1), Read::Closed);
        assert_eq!(names.still_to_read(), 0);
        names.try_again();
        assert_eq!(names.next().map(|(next, _)| next), Some(id(1)));
        names.learn(id(1), dao());
        assert_eq!(found(&names, "dao"), [id(1)]);
    }

    /// What a plain look at each person finds.
    fn plainly(people: &[(String, String, String)], words: &str) -> Vec<DossierId> {
        let query = Query::of(words);
        let fits = |(name, number, phone): &(String, String, String)| {
            let name = format!(" {}", search_key(name));
            match query.digits.as_str() {
                "" => !query.words.is_empty() && query.words.iter().all(|word| name.contains(word.as_str())),
                asked => [number.clone(), digits(phone)].iter().any(|known| known.contains(asked)),
            }
        };
        let all = people.iter().enumerate();
        all.filter(|(_, person)| fits(person)).map(|(no, _)| id(no as u128)).collect()
    }

    proptest! {
        #[test]
        fn the_search_finds_what_a_plain_look_at_each_person_finds(
            people in prop::collection::vec(
                ("(Đào|Dao|Đạo|Nguyễn|Ngọc|An|Anh|A1)( (Đào|Nguyễn|Ngọc|An|Anh|12)){0,3}", "[0-2]{0,6}", "[0-2 ]{0,6}"),
                0..30,
            ),
            words in "(đào|da|nguyen|ng|an|anh|a|12)( (n|an|ng|12)){0,2}|[0-2 .]{1,4}",
        ) {
            let mut names = Names::default();
            for (no, (name, number, phone)) in people.iter().enumerate() {
                learnt(&mut names, id(no as u128), personal(name, number, None, phone));
            }
            let words = words.trim();
            prop_assume!(!words.is_empty());
            prop_assert_eq!(found(&names, words), plainly(&people, words));
        }
    }
}
