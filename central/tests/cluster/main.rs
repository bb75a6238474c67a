//! A centre of many parts, killed part by part in a storm of pushes: nodes behind haproxy, PostgreSQL under Patroni.
//!
//! `MOTCUA_KILLS` primaries are killed (1), and at least `MOTCUA_EVENTS` events are pushed (1,500).

#[path = "../it_postgres/cluster.rs"]
mod cluster;
mod failover;
mod nodes;
mod parts;
mod storm;
#[path = "../it/world.rs"]
#[expect(dead_code, reason = "the stories of `it` use the rest")]
mod world;

/// `world` opens centres in this process; here none is.
mod place {
    use central::store_path::StorePath;
    use std::path::Path;

    pub fn store(dir: &Path) -> StorePath {
        StorePath::new(dir.join("central.db"))
    }
}
