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
        Ok(opened) => {
            let service = Service::over(opened, clock::system());
            if let Some(authority) = central::tls::fingerprint_beside(store) {
                service.be_known_by(authority);
            }
            Ok(order.carry_out(&service)?)
        }
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
    // On its own machine, and opened by a key that only its own user can read: the certificate, which is for stations and
    // may name no address of this machine's own, says nothing more.
    let tls = ureq::tls::TlsConfig::builder()
        .provider(ureq::tls::TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(sync::tls::provider())
        .disable_verification(true)
        .build();
    let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false);
    let agent: ureq::Agent = config.tls_config(tls).build().into();
    let scheme = if door.tls { "https" } else { "http" };
    let mut response = agent
        .post(format!("{scheme}://{}{}", door.address, door::PATH))
        .header("Authorization", format!("Bearer {}", door.key))
        .send(serde_json::to_vec(order)?)?;
    let bytes = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec()?;
    let answer: Value = serde_json::from_slice(&bytes)?;
    match answer.get("error").and_then(Value::as_str) {
        Some(error) => Err(error.into()),
        None => Ok(answer),
    }
}
