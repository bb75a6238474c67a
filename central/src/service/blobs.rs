//! Who may hand over and get which attachments: the events say it. A station puts what it attached itself (a hub, what its
//! site's stations attached), and gets what an event names that stands in one of its scopes.

use super::{AsStation, Service, fault_for_station};
use sync::blob::protocol::{Blobs, GetAsk, Held, Named, Part};
use sync::blob::{Naming, namings};
use sync::protocol::StationRole;
use sync::wire::Bytes;
use sync::{CentreFault, Refusal};

impl Service {
    /// From now on attachments are kept there.
    pub fn keep_blobs(&self, depot: crate::blobs::Depot) {
        // It is said once, when the service starts.
        let _ = self.depot.set(depot);
    }

    /// Who keeps them: the centre itself; a hub asks its centre.
    fn keeper(&self) -> Result<&dyn Blobs, CentreFault> {
        let own = || self.depot.get().map(|depot| depot as &dyn Blobs);
        let nobody = || Refusal::NotFound { what: "a place for attachments".into() };
        Ok(self.store.upstream_blobs().or_else(own).ok_or_else(nobody)?)
    }

    fn namings(&self, of: &Named) -> Result<Vec<Naming>, CentreFault> {
        let history = self.store.history(&of.subject()?);
        Ok(namings(&history.map_err(|fault| fault_for_station(fault.into()))?, of.blob))
    }
}

impl AsStation {
    fn may_put(&self, naming: &Naming) -> Result<bool, CentreFault> {
        if naming.station == self.card().station {
            return Ok(true);
        }
        if self.card().role != StationRole::Hub {
            return Ok(false);
        }
        match self.of_our_site(naming.station) {
            Ok(_) => Ok(true),
            Err(CentreFault::Refused(_)) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    fn may_get(&self, naming: &Naming) -> bool {
        naming.scopes.iter().any(|scope| self.card().may_read(scope))
    }

    /// The events by which this station may put a blob.
    fn puts(&self, of: &Named) -> Result<Vec<Naming>, CentreFault> {
        let mut own = Vec::new();
        for naming in self.service().namings(of)? {
            if self.may_put(&naming)? {
                own.push(naming);
            }
        }
        Ok(own)
    }
}

impl Blobs for AsStation {
    fn held(&self, of: &Named) -> Result<Held, CentreFault> {
        if self.puts(of)?.is_empty() {
            return Err(not_yours(of));
        }
        self.service().keeper()?.held(of)
    }

    fn put(&self, part: &Part) -> Result<Held, CentreFault> {
        let own = self.puts(&part.of)?;
        if own.is_empty() {
            return Err(not_yours(&part.of));
        }
        if own.iter().all(|naming| naming.size != part.size) {
            return Err(Refusal::malformed("a size that is not the one in the event").into());
        }
        self.service().keeper()?.put(part)
    }

    fn get(&self, ask: &GetAsk) -> Result<Bytes, CentreFault> {
        if !self.service().namings(&ask.of)?.iter().any(|naming| self.may_get(naming)) {
            return Err(not_yours(&ask.of));
        }
        self.service().keeper()?.get(ask)
    }
}

/// The same whether there is no such blob, its event has not arrived yet, or it is another's: who may not ask learns nothing.
fn not_yours(of: &Named) -> CentreFault {
    Refusal::NotFound { what: format!("an event by which blob {} is yours", of.blob) }.into()
}
