//! The use cases, a role each. A shell, a bridge or a test calls these and nothing else.

mod amend;
mod board;
mod book;
mod carriage;
mod counter;
mod dock;
mod hub_line;
mod kiosk;
mod queue;
mod rows;
mod till;
mod work;

pub use board::Hall;
pub use dock::Dock;
pub(crate) use dock::write_demo_authority;

use crate::api::{About, Problem, Text};
use crate::config::Config;
use intake::moment::Moment;

/// What every page needs to know of its station.
pub fn about(config: &Config, now: Moment) -> About {
    let part = &config.station;
    About {
        role: part.role.into(),
        site_name: Text::both(&part.site_name.vi, &part.site_name.en),
        station_label: part.name.clone(),
        version: env!("CARGO_PKG_VERSION").into(),
        demo: part.demo,
        px_per_mm: part.px_per_mm,
        now: now.0,
    }
}

/// Reads an id that a page sent back.
pub(crate) fn id<T: std::str::FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::new("INPUT-REFUSED").with("why", format!("not an id: {text}")))
}
