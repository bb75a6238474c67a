//! What must hold all along.

use super::{Broken, World};
use intake::ids::EventId;
use std::collections::BTreeSet;
use sync::protocol::Centre;
use sync::store::Opened;
use sync::stream::Heads;

impl World {
    /// What a station said that it wrote is there after whatever happened.
    pub(super) fn check_kept(&self, who: usize) -> Result<(), Broken> {
        let node = &self.nodes[who];
        let held: BTreeSet<EventId> =
            node.store().events().map_err(|fault| fault.to_string())?.iter().map(|event| event.id).collect();
        let lost = node.acknowledged.iter().find(|id| !held.contains(id) && !self.excused.contains(id));
        let Some(id) = lost else { return Ok(()) };
        let told = node.told.get(id).cloned().unwrap_or_default();
        Err(format!(
            "{} lost event {id}, which it had acknowledged: {told}; it holds {} events, and its log says {:?}",
            node.name,
            held.len(),
            node.store().verify().map(|report| report.difference),
        ))
    }

    /// A kiosk that was started again cannot read what it sealed.
    pub(super) fn check_sealed(&self, who: usize) -> Result<(), Broken> {
        let node = &self.nodes[who];
        if !node.is_kiosk() {
            return Ok(());
        }
        let store = node.store();
        for event in store.events().map_err(|fault| fault.to_string())?.iter().rev().take(5) {
            if event.has_personal && matches!(store.personal(event.id), Ok(Opened::Personal(_))) {
                return Err(format!("{} can read what it sealed", node.name));
            }
        }
        Ok(())
    }

    /// The centre holds all that its receipts say, with the same hashes.
    pub(super) fn check_receipts(&self) -> Result<(), Broken> {
        let Some(service) = self.net.centre() else { return Ok(()) };
        let card = service.card(self.nodes[0].here.station).ok().flatten().ok_or("the centre forgot a station")?;
        let _ = card;
        for node in &self.nodes {
            let store = node.store();
            let heads: Heads = service
                .for_station(store.card().clone())
                .heads(&store.card().readable())
                .map_err(|it| it.to_string())?;
            for (stream, no) in store.receipted_all().map_err(|fault| fault.to_string())? {
                // An agent may not ask how far an authority's streams go.
                if store.card().may_read(&stream.scope) && heads.no(&stream) < no {
                    return Err(format!("{}: the centre confirmed {no} and holds {}", node.name, heads.no(&stream)));
                }
            }
        }
        Ok(())
    }
}
