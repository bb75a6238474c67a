//! Trials of the station: crashes, bad input, faults of devices, disk, clock and network; each through real bytes.

mod abroad;
mod away;
mod board;
mod book;
mod calls;
mod cards;
mod carriage;
mod centre;
mod chips;
mod citizen;
mod codes;
mod crash_points;
mod desktop;
mod devices;
mod disk;
mod evidence;
mod files;
mod hall;
mod offline;
mod paper;
mod people;
mod process;
mod random_cuts;
mod reuse;
mod scans;
mod tampering;
mod work;
#[cfg(target_os = "linux")]
mod world;
