//! The service as stations, strangers and administrators meet it: real HTTP on a free port, real stores on both ends.

mod bad_input;
mod blobs;
mod command_line;
mod crash;
mod disk;
mod earlier;
mod enrolment;
mod hub;
mod leases;
mod log;
mod place;
mod public;
mod s3;
mod slow;
mod stick;
mod storm;
mod tls;
mod world;
