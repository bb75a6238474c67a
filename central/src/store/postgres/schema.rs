//! Migrations: append-only, all or nothing, one node at a time.

use super::pool::store_fault;
use postgres::Client;
use sync::store::StoreFault;

const MIGRATIONS: [&str; 2] = [include_str!("migrations/0001_log.sql"), include_str!("migrations/0002_person.sql")];
/// Any number, the same at all nodes: while one migrates the others wait.
const LOCK: i64 = 0x4D43_5541;

/// Brings a database to the version of this program; one of a newer version is left alone.
pub(super) fn migrate(client: &mut Client) -> Result<(), StoreFault> {
    let fault = |error| store_fault(&error);
    let mut all = client.transaction().map_err(fault)?;
    // However long another node's migration takes.
    all.batch_execute("SET LOCAL lock_timeout TO 0").map_err(fault)?;
    all.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).map_err(fault)?;
    all.batch_execute("CREATE TABLE IF NOT EXISTS motcua_version (version bigint PRIMARY KEY)").map_err(fault)?;
    let row = all.query_one("SELECT coalesce(max(version), 0) FROM motcua_version", &[]).map_err(fault)?;
    let (version, known): (i64, i64) = (row.get(0), MIGRATIONS.len() as i64);
    if version > known {
        return Err(StoreFault::NewerVersion { file: version, known });
    }
    for (at, migration) in MIGRATIONS.iter().enumerate().skip(version as usize) {
        all.batch_execute(migration).map_err(fault)?;
        all.execute("INSERT INTO motcua_version VALUES ($1)", &[&(at as i64 + 1)]).map_err(fault)?;
    }
    all.commit().map_err(fault)
}
