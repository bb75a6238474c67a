//! A site and its centre as real programs on machines of their own: network namespaces, cables that are pulled, a clock that
//! the scenario sets.

mod alone;
mod clock;
mod cut;
mod hub;
mod lines;
mod network;
mod site;
mod takeover;
