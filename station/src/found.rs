//! Dossiers by what people say of them: a name with or without its marks, a number, a telephone, a code. The names stand in
//! memory only, and only from the first search on; on disk they stay sealed.

use crate::api::Problem;
use crate::core::{Station, lock};
use crate::{people, slips};
use intake::dossier::Dossier;
use intake::event::{Event, Subject};
use intake::fact::Fact;
use intake::ids::DossierId;
use intake::person::Personal;
use intake::words::search_key;
use std::collections::HashMap;

/// What is known of the people behind dossiers.
#[derive(Default)]
pub(crate) struct Names(HashMap<DossierId, Entry>);

struct Entry {
    /// Whether the person could be read. What cannot be read yet is tried again when the station hears something new.
    read: bool,
    /// The name without its marks, a blank before each word.
    name: String,
    /// Numbers and telephone, digits only, a blank between.
    numbers: String,
}

impl Names {
    fn learn(&mut self, dossier: DossierId, personal: Option<Personal>) {
        let read = personal.is_some();
        let personal = personal.unwrap_or_default();
        let identity = personal.identity.as_ref();
        let name = identity.map(|identity| format!(" {}", search_key(&identity.name))).unwrap_or_default();
        let old = identity.and_then(|identity| identity.old_number.clone()).unwrap_or_default();
        let number = identity.map(|identity| identity.number.clone()).unwrap_or_default();
        let phone = digits(&personal.contact.unwrap_or_default().phone);
        self.0.insert(dossier, Entry { read, name, numbers: format!("{number} {old} {phone}") });
    }

    /// Forgets who is to be forgotten, and lets the next search read again what could not be read before.
    pub(crate) fn heard(&mut self, events: &[Event]) {
        if events.iter().any(|event| matches!(event.fact, Fact::GrantsDestroyed(_))) {
            // An order may name a visit; what is still there is read again by the next search.
            self.0.clear();
        }
        for event in events.iter().filter(|event| matches!(event.fact, Fact::DossierAmended(_))) {
            if let Subject::Dossier(dossier) = event.subject {
                self.amended(dossier);
            }
        }
        self.0.retain(|_, entry| entry.read);
    }
}

/// What is searched.
struct Query {
    words: Vec<String>,
    digits: String,
    code: String,
}

impl Query {
    fn of(text: &str) -> Self {
        let all_digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || " .-+".contains(c));
        Self {
            words: search_key(text).split(' ').filter(|word| !word.is_empty()).map(|word| format!(" {word}")).collect(),
            digits: if all_digits { digits(text) } else { String::new() },
            code: intake::words::nfc(text).to_uppercase(),
        }
    }

    fn fits(&self, dossier: &Dossier, entry: Option<&Entry>) -> bool {
        let by_code = |code: &str| code.contains(&self.code);
        if by_code(&dossier.code.text()) || dossier.alias.as_deref().is_some_and(by_code) {
            return true;
        }
        let Some(entry) = entry else { return false };
        if !self.digits.is_empty() {
            return entry.numbers.contains(&self.digits);
        }
        !self.words.is_empty() && self.words.iter().all(|word| entry.name.contains(word.as_str()))
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

impl Names {
    /// What stands on a dossier was put right: it is read again by the next search.
    pub(crate) fn amended(&mut self, dossier: DossierId) {
        self.0.remove(&dossier);
    }
}

impl Station {
    /// The dossiers that this station holds and that fit the words, in the order of their ids.
    ///
    /// # Errors
    /// `STORE-…`.
    pub(crate) fn find_dossiers(&self, words: &str) -> Result<Vec<DossierId>, Problem> {
        self.learn_names()?;
        let query = Query::of(words.trim());
        let (state, names) = (lock(&self.state), lock(&self.names));
        let fits = |dossier: &&Dossier| query.fits(dossier, names.0.get(&dossier.id));
        Ok(state.dossiers().filter(fits).map(|dossier| dossier.id).collect())
    }

    /// Reads the names of dossiers that came since the last time.
    fn learn_names(&self) -> Result<(), Problem> {
        let new: Vec<DossierId> = {
            let (state, names) = (lock(&self.state), lock(&self.names));
            state.dossiers().map(|dossier| dossier.id).filter(|id| !names.0.contains_key(id)).collect()
        };
        for dossier in new {
            let event = slips::accepted(self, dossier).map(|(event, _)| event);
            let personal = event.map(|event| people::personal(self, event)).transpose()?.flatten();
            lock(&self.names).learn(dossier, personal);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use intake::person::{Contact, Evidence, Identity};

    fn entry() -> Entry {
        let identity = Identity {
            number: "001199000123".into(),
            old_number: Some("012345678".into()),
            name: "Nguyễn Thị Đào".into(),
            birth: "1999".into(),
            sex: "Nữ".into(),
            residence: String::new(),
            issued: None,
            extra: vec![],
            evidence: Evidence::Typed,
            warnings: vec![],
        };
        let contact = Contact { phone: "0912 345 678".into(), email: String::new() };
        let mut names = Names::default();
        let id = DossierId(uuid::Uuid::nil());
        names.learn(id, Some(Personal { identity: Some(identity), contact: Some(contact), ..Personal::default() }));
        names.0.remove(&id).unwrap()
    }

    fn finds(words: &str) -> bool {
        let query = Query::of(words);
        let entry = entry();
        if !query.digits.is_empty() {
            return entry.numbers.contains(&query.digits);
        }
        !query.words.is_empty() && query.words.iter().all(|word| entry.name.contains(word.as_str()))
    }

    #[test]
    fn a_person_is_found_however_they_are_written() {
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
            assert!(finds(words), "{words}");
        }
        for words in ["Trần", "guyen", "ao", "999999", ""] {
            assert!(!finds(words), "{words}");
        }
    }
}
