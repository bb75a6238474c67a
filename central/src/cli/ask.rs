//! Orders to the centre: through the door of a service that runs, or straight to its log when none does.

use super::Fault;
use central::http::door::{self, Door};
use central::order::Order;
use central::store_path::StorePath;
use central::{Service, clock};
use intake::ids::SiteCode;
use serde_json::Value;
use std::time::Duration;
use sync::store::StoreFault;

/// A whole verification of a large log takes a while.
const PATIENCE: Duration = Duration::from_secs(600);
/// An export is as large as the log.
const MAX_ANSWER_BYTES: u64 = 4 << 30;

/// Carries out an order on the log, which is made where there is none.
pub(super) fn ask(store: &StorePath, order: &Order) -> Result<Value, Fault> {
    match store.open(&SiteCode::new("00000")) {
        Ok(opened) => Ok(order.carry_out(&Service::over(opened, clock::system()))?),
        Err(StoreFault::InUse) => ask_running(store, order),
        Err(fault) => Err(format!("{fault} [{}]", fault.code()).into()),
    }
}

/// The same, for orders that need a log which is there.
pub(super) fn ask_existing(store: &StorePath, order: &Order) -> Result<Value, Fault> {
    if !store.exists() {
        return Err(format!("there is no log at {}", store.file().display()).into());
    }
    ask(store, order)
}

fn ask_running(store: &StorePath, order: &Order) -> Result<Value, Fault> {
    let unreadable = |fault| format!("the service runs, but {} cannot be read: {fault}", store.door().display());
    let door: Door = serde_json::from_slice(&std::fs::read(store.door()).map_err(unreadable)?)?;
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).build().into();
    let mut response = agent
        .post(format!("http://{}{}", door.address, door::PATH))
        .header("Authorization", format!("Bearer {}", door.key))
        .send(serde_json::to_vec(order)?)?;
    let bytes = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec()?;
    let answer: Value = serde_json::from_slice(&bytes)?;
    match answer.get("error").and_then(Value::as_str) {
        Some(error) => Err(error.into()),
        None => Ok(answer),
    }
}
