//! A person's earlier dossiers, for an officer's desk that has the person before it.

use super::{fault_for_station, station::AsStation};
use intake::event::{Event, Scope};
use sync::earlier::{Earlier, EarlierAnswer, EarlierAsk, MAX_TAGS};
use sync::protocol::StationRole;
use sync::store::StoreFault;
use sync::{CentreFault, Refusal};

impl Earlier for AsStation {
    fn earlier(&self, ask: &EarlierAsk) -> Result<EarlierAnswer, CentreFault> {
        if !matches!(self.card().role, StationRole::Counter | StationRole::Hub) {
            return Err(Refusal::NotYourScope { scope: Scope::site(&self.card().site).0 }.into());
        }
        if ask.tags.len() > MAX_TAGS {
            return Err(Refusal::malformed("more tags than a person has").into());
        }
        let store = &self.service().store;
        if let Some(centre) = store.upstream_earlier() {
            return centre.earlier(ask);
        }
        let found = || {
            let subjects = store.of_person(&ask.tags)?;
            let histories: Vec<Vec<Event>> =
                subjects.iter().map(|subject| store.history(subject)).collect::<Result<_, _>>()?;
            Ok::<_, StoreFault>(EarlierAnswer::of(subjects.iter().zip(histories.iter().map(Vec::as_slice))))
        };
        found().map_err(|fault| fault_for_station(fault.into()))
    }
}
