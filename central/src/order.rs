//! What an administrator asks of the centre, on its own machine: the same orders whether the service runs or not.

use crate::invitation::Guest;
use crate::service::{Appointment, OfficeFault, Service};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// One order.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", content = "with", rename_all = "snake_case")]
pub enum Order {
    /// Make a one-time token for a station.
    Invite(Guest),
    /// Set up an officer's account.
    Appoint(Appointment),
    /// Check the whole log.
    Verify,
    /// At a site's hub: lead from now on.
    Promote,
    /// Take in a stick that a station wrote, and write the receipts that are to be carried back.
    Carry {
        /// The stick's file, on the service's machine.
        file: PathBuf,
        /// Where the receipts go.
        receipts: PathBuf,
    },
    /// Show the open part of the whole log.
    Export,
}

impl Order {
    /// Carries it out; the answer is JSON.
    ///
    /// # Errors
    /// See [`OfficeFault`].
    pub fn carry_out(&self, service: &Arc<Service>) -> Result<Value, OfficeFault> {
        match self {
            Self::Invite(guest) => {
                let token = service.invite(guest)?;
                Ok(json!({ "token": token, "site": guest.site, "role": guest.role, "label": guest.label }))
            }
            Self::Appoint(appointment) => {
                service.appoint(appointment)?;
                Ok(json!({ "officer": appointment.officer, "site": appointment.site }))
            }
            Self::Verify => {
                let report = service.verify()?;
                Ok(json!({
                    "streams": report.streams,
                    "events": report.events,
                    "segments": report.segments,
                    "receipts": report.receipts,
                    "grants": report.grants,
                    "quarantined": report.quarantined,
                    "difference": report.difference,
                }))
            }
            Self::Promote => {
                let authority = service.authority().ok_or(OfficeFault::NoHub)?;
                Ok(json!({ "epoch": authority.promote()? }))
            }
            Self::Carry { file, receipts } => {
                let carried = service.take_stick(std::io::BufReader::new(std::fs::File::open(file)?))?;
                std::fs::write(receipts, sync::wire::to_cbor(&carried.receipts))?;
                let refused: Vec<String> = carried.refused.iter().map(ToString::to_string).collect();
                Ok(json!({ "segments": carried.segments, "receipts": carried.receipts.len(), "refused": refused }))
            }
            Self::Export => Ok(serde_json::to_value(service.export()?).unwrap_or(Value::Null)),
        }
    }
}
