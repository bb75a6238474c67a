//! Trials of the station: crashes, bad input, faults of devices, disk, clock and network; each through real bytes.

mod calls;
mod centre;
mod citizen;
mod crash_points;
mod evidence;
mod hall;
mod process;
mod random_cuts;
