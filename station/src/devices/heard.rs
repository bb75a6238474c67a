//! What devices say: codes that were scanned, and changes of how they are.

use super::views::state_name;
use crate::api::Problem;
use crate::carried::is_ticket;
use crate::config::RoleName;
use crate::core::{Station, lock};
use crate::people;
use hardware::{CardQr, DeviceEvent, DeviceEventKind};
use std::sync::mpsc::Receiver;

/// Listens to what devices say, for as long as the station runs.
pub(crate) fn listen(station: &Station, events: Receiver<DeviceEvent>) {
    let station = station.clone();
    let body = move || {
        for event in events {
            match event.kind {
                DeviceEventKind::Status(status) => {
                    tracing::info!(device = event.device, state = state_name(status.state), "device");
                }
                DeviceEventKind::Scan(scan) => scanned(&station, &scan.text),
                DeviceEventKind::ScanFault(fault) => not_a_card(&station, fault.code()),
                DeviceEventKind::ChipProgress(progress) => lock(&station.session).chip.progressed(progress),
                DeviceEventKind::CardInserted | DeviceEventKind::CardRemoved => {}
            }
            station.notices.tell();
        }
    };
    if let Err(error) = std::thread::Builder::new().name("devices".into()).spawn(body) {
        tracing::error!(%error, "no thread to listen to devices: scans are not heard until a new start");
    }
}

fn scanned(station: &Station, text: &str) {
    if is_ticket(text) {
        match station.config.station.role {
            RoleName::Counter => ticket_scanned(station, text),
            // The citizen has their number already.
            _ => not_a_card(station, "TICKET-AT-KIOSK"),
        }
        return;
    }
    match CardQr::parse(text) {
        Ok(card) => station.card_scanned(people::identity(&card)),
        Err(fault) => not_a_card(station, fault.code()),
    }
}

fn ticket_scanned(station: &Station, text: &str) {
    let outcome = station.counter_admit(text);
    let mut session = lock(&station.session);
    match outcome {
        Ok(_) => session.scan_problem = None,
        Err(problem) => session.scan_problem = Some(problem),
    }
}

fn not_a_card(station: &Station, code: &str) {
    lock(&station.session).not_a_card(Problem::new(code));
}
