//! What the public may know of a dossier, folded from the open parts of the log when somebody asks: of a dossier few events
//! are held, and few dossiers are looked up of those that are written.

use intake::code::{DossierCode, TemporaryCode};
use intake::dossier::Dossier;
use intake::event::Event;
use intake::ids::DossierId;
use intake::moment::Moment;
use sync::protocol::PublicState;

/// The longest text that is looked up, in bytes.
const MAX_CODE_BYTES: usize = 64;

/// What the public may know of a dossier with this history (in canonical order), and all codes that it goes by.
pub(super) fn state_of(id: DossierId, history: &[Event]) -> Option<(PublicState, Vec<String>)> {
    let dossier = Dossier::fold(id, history.iter())?;
    let as_of = history.iter().map(|event| event.at.wall()).max().unwrap_or(Moment(0));
    let code = dossier.code.text();
    let names = [Some(code.clone()), dossier.alias].into_iter().flatten().collect();
    Some((PublicState { code, status: dossier.status.number(), as_of }, names))
}

/// A code as it is written, of what a person typed.
pub(super) fn canonical(typed: &str) -> Option<String> {
    if typed.len() > MAX_CODE_BYTES {
        return None;
    }
    let official = typed.parse::<DossierCode>().map(|code| code.to_string());
    official.or_else(|_| typed.parse::<TemporaryCode>().map(|code| code.to_string())).ok()
}
