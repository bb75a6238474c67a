//! Leases: whoever leases holds the row of the agency's day.

use super::db::Db;
use super::identity::Identity;
use super::office::publish;
use super::pool::Fault;
use crate::store::lease_rules::{Standing, decide};
use intake::event::Scope;
use intake::fact::Fact;
use intake::ids::StationId;
use intake::moment::Moment;
use std::collections::BTreeSet;
use sync::protocol::{LeaseAsk, StationCard};

/// Leases; says in which scopes there is something new.
pub(super) fn lease(
    db: &mut Db,
    centre: &Identity,
    now: Moment,
    to: &StationCard,
    ask: &LeaseAsk,
) -> Result<BTreeSet<Scope>, Fault> {
    let (agency, day) = (ask.agency.as_str(), ask.day.to_string());
    db.execute("INSERT INTO lease_day VALUES ($1, $2, 1) ON CONFLICT DO NOTHING", &[&agency, &day])?;
    let next = db
        .query_one("SELECT next FROM lease_day WHERE agency = $1 AND day = $2 FOR UPDATE", &[&agency, &day])?
        .get::<_, i64>(0);
    let holder = db
        .query_opt("SELECT holder FROM lease WHERE agency = $1 AND request = $2", &[&agency, &ask.request])?
        .map(|row| StationId(row.get(0)));
    let held = db
        .query_one(
            "SELECT coalesce(sum(count), 0)::bigint FROM lease WHERE agency = $1 AND day = $2 AND holder = $3",
            &[&agency, &day, &to.station.0],
        )?
        .get::<_, i64>(0);
    let standing = Standing { holder, next: clamped(next), held: clamped(held) };
    let Some(draft) = decide(now, to, ask, || standing)? else { return Ok(BTreeSet::new()) };
    if let Fact::CodesLeased(lease) = &draft.fact {
        let (count, next) = (i64::from(lease.count), i64::from(lease.first) + i64::from(lease.count));
        db.execute("UPDATE lease_day SET next = $3 WHERE agency = $1 AND day = $2", &[&agency, &day, &next])?;
        db.execute(
            "INSERT INTO lease (agency, request, day, holder, count) VALUES ($1, $2, $3, $4, $5)",
            &[&agency, &ask.request, &day, &to.station.0, &count],
        )?;
    }
    let scopes = draft.scopes.iter().cloned().collect();
    publish(db, centre, now, draft)?;
    Ok(scopes)
}

fn clamped(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
