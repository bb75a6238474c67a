//! The papers of steps, from what the log holds: a request for papers, a refusal, an apology.

use crate::api::Problem;
use crate::core::Station;
use intake::dossier::{Dossier, Form};

/// The paper of a step.
pub(super) fn pdf(_station: &Station, _dossier: &Dossier, _form: &Form) -> Result<Vec<u8>, Problem> {
    Err(Problem::new("STATION-FAULT"))
}
