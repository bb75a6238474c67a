//! The first start: a one-time token becomes a station identity.

use crate::api::Problem;
use crate::clock::Clock;
use crate::config::{Config, RoleName};
use crate::problem;
use std::path::Path;
use sync::CentreFault;
use sync::http::HttpCentre;
use sync::protocol::{Centre, StationRole};
use sync::store::{EnrolKeys, NewStation, Store};

/// Opens the station's store; at the first start, enrols with the token that its file names.
pub(crate) fn open_or_enrol(folder: &Path, config: &Config, clock: &dyn Clock) -> Result<Store, Problem> {
    if Store::exists(folder) {
        return Store::open(folder).map_err(problem::of_store);
    }
    let token = token(folder, config)?;
    let url = config.centre.as_ref().map(|centre| centre.url.as_str()).unwrap_or_default();
    let keys = EnrolKeys::load_or_new(folder).map_err(problem::of_store)?;
    let now = clock.now();
    let met = HttpCentre::first_met(url, &token, Box::new(move || now));
    let (centre, token, authority) = met.map_err(|fault| refused_by(&fault))?;
    let ask = keys.ask(&token, &config.station.name, role(config.station.role)).map_err(problem::of_store)?;
    let enrolment = centre.enrol(&ask).map_err(|fault| refused_by(&fault))?;
    let new = NewStation::from_enrolment(keys, enrolment).map_err(|refusal| not_enrolled(&refusal.to_string()))?;
    Store::create(folder, new.trusting(authority)).map_err(problem::of_store)
}

/// Somebody else who answers in the centre's place is a problem of its own.
fn refused_by(fault: &CentreFault) -> Problem {
    match fault {
        CentreFault::Untrusted(_) => problem::of_centre(fault),
        fault => not_enrolled(&fault.to_string()),
    }
}

fn token(folder: &Path, config: &Config) -> Result<String, Problem> {
    let file = config.centre.as_ref().and_then(|centre| centre.token_file.as_ref());
    let file = file.ok_or_else(|| not_enrolled("station.toml names no token_file"))?;
    let text = std::fs::read_to_string(folder.join(file));
    text.map(|text| text.trim().to_owned()).map_err(|error| not_enrolled(&error.to_string()))
}

fn not_enrolled(why: &str) -> Problem {
    Problem::new("STATION-NOT-ENROLLED").with("why", why)
}

fn role(role: RoleName) -> StationRole {
    match role {
        RoleName::Kiosk => StationRole::Kiosk,
        RoleName::Counter => StationRole::Counter,
        RoleName::Board | RoleName::Dock => StationRole::Board,
    }
}
