//! The public's index: a dossier's codes and its state, folded from the open parts of the log. It holds nothing else.

use intake::code::{DossierCode, TemporaryCode};
use intake::dossier::Dossier;
use intake::event::{Event, Subject};
use intake::fact::Fact;
use intake::ids::DossierId;
use intake::moment::Moment;
use std::collections::HashMap;
use sync::protocol::PublicState;
use sync::record::Record;

/// The longest text that is looked up, in bytes.
const MAX_CODE_BYTES: usize = 64;

#[derive(Default)]
pub(super) struct Dossiers {
    histories: HashMap<DossierId, Vec<Event>>,
    states: HashMap<DossierId, PublicState>,
    by_code: HashMap<String, DossierId>,
}

impl Dossiers {
    /// Takes in one event; the same event twice changes nothing, and the order of arrival does not count.
    pub(super) fn apply(&mut self, event: &Event) {
        let Subject::Dossier(id) = event.subject else { return };
        let history = self.histories.entry(id).or_default();
        match history.binary_search_by_key(&event.order(), Event::order) {
            Ok(_) => return,
            Err(place) => history.insert(place, event.clone()),
        }
        let Some((state, names)) = state_of(id, history) else { return };
        self.by_code.extend(names.into_iter().map(|name| (name, id)));
        self.states.insert(id, state);
    }

    /// The state of the dossier that goes by a code, as a person types it.
    pub(super) fn by_code(&self, typed: &str) -> Option<PublicState> {
        let id = self.by_code.get(&canonical(typed)?)?;
        self.states.get(id).cloned()
    }
}

/// What the public may know of a dossier with this history (in canonical order), and all codes that it goes by.
pub(super) fn state_of(id: DossierId, history: &[Event]) -> Option<(PublicState, Vec<String>)> {
    let dossier = Dossier::fold(id, history.iter())?;
    let as_of = history.iter().map(|event| event.at.wall()).max().unwrap_or(Moment(0));
    let code = dossier.code.text();
    let names = [Some(code.clone()), dossier.alias].into_iter().flatten().collect();
    Some((PublicState { code, status: dossier.status.number(), as_of }, names))
}

/// The code that an event gives to a dossier.
pub(super) fn named_by(record: &Record) -> Option<String> {
    let (Subject::Dossier(_), "DossierAccepted" | "CodeAssigned") = (&record.subject, record.kind.as_str()) else {
        return None;
    };
    match Fact::decode(&record.kind, &record.body) {
        Fact::DossierAccepted(accepted) => Some(accepted.code.text()),
        Fact::CodeAssigned(assigned) => Some(assigned.code.to_string()),
        _ => None,
    }
}

/// A code as it is written, of what a person typed.
pub(super) fn canonical(typed: &str) -> Option<String> {
    if typed.len() > MAX_CODE_BYTES {
        return None;
    }
    let official = typed.parse::<DossierCode>().map(|code| code.to_string());
    official.or_else(|_| typed.parse::<TemporaryCode>().map(|code| code.to_string())).ok()
}
