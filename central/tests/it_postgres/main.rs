//! The same stories as `it` tells over SQLite, over PostgreSQL, and what only many nodes can do wrong.

#[path = "../it/bad_input.rs"]
mod bad_input;
#[path = "../it/blobs.rs"]
mod blobs;
mod cluster;
#[path = "../it/earlier.rs"]
mod earlier;
#[path = "../it/enrolment.rs"]
mod enrolment;
#[path = "../it/leases.rs"]
mod leases;
#[path = "../it/log.rs"]
mod log;
mod nodes;
mod place;
#[path = "../it/public.rs"]
mod public;
mod rates;
mod schema;
#[path = "../it/stick.rs"]
mod stick;
#[path = "../it/world.rs"]
mod world;
