//! What the station cannot do for now, because a device that it requires is not ready.

use super::views::label;
use super::{Devices, Handle, Known};
use crate::api::{DeviceKind, Problem};
use hardware::{DeviceState, DeviceStatus};
use std::collections::{BTreeMap, BTreeSet};

impl Devices {
    /// What the station cannot do for now, and what it still does: one problem for each sort of required device that is not ready.
    pub(crate) fn service_problems(&self) -> Vec<Problem> {
        let mut named: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for known in self.known.iter().filter(|known| known.required && self.is_missed(known)) {
            let kind = known.handle.kind();
            named.entry(out_of_service(kind)).or_default().insert(label(kind).vi);
        }
        let listed = |devices: BTreeSet<String>| devices.into_iter().collect::<Vec<_>>().join(", ");
        named.into_iter().map(|(code, devices)| Problem::new(code).with("device", listed(devices))).collect()
    }

    /// Whether nobody does a device's work. Tickets come out as long as one printer is well.
    fn is_missed(&self, known: &Known) -> bool {
        match (&known.handle, &self.printers) {
            (Handle::Printer(_), Some(group)) => group.printers().iter().all(|printer| is_down(&printer.status())),
            (handle, _) => is_down(&handle.status()),
        }
    }
}

/// A device that is being opened is not down yet.
fn is_down(status: &DeviceStatus) -> bool {
    !status.works() && status.state != DeviceState::Opening
}

fn out_of_service(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::TicketPrinter => "SERVICE-NO-PAPER",
        DeviceKind::CardScanner => "SERVICE-NO-CARD",
        _ => "SERVICE-DEVICE",
    }
}
