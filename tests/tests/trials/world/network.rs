//! A site's machines on a switch, a router, and the centre behind a line of the telephone company: each machine is a network
//! namespace, each cable a veth pair.

use std::path::Path;
use std::process::Command;
use tests::place::Place;

/// The centre's address.
pub const CENTRE: &str = "10.91.1.2";
/// The hubs' addresses.
pub const HUB: &str = "10.91.2.10";
pub const STANDBY: &str = "10.91.2.11";

/// The machines of the site, by name and address.
const SITE: [(&str, &str); 4] =
    [("hub", HUB), ("standby", STANDBY), ("kiosk", "10.91.2.21"), ("counter", "10.91.2.22")];

/// The network. Its parts are gone when the scenario's process is.
#[derive(Clone, Copy, Debug)]
pub struct Network;

impl Network {
    /// Lays all cables; everybody reaches everybody.
    pub fn lay() -> Self {
        ip("netns add router");
        ip("-n router link set lo up");
        std::fs::create_dir_all("/run/netns").unwrap();
        let router = place("router");
        router.run(|| std::fs::write("/proc/sys/net/ipv4/ip_forward", "1")).expect("a router forwards");
        ip("-n router link add name switch type bridge");
        ip("-n router addr add 10.91.2.1/24 dev switch");
        ip("-n router link set switch up");
        for (name, address) in SITE {
            machine(name, address, "10.91.2.1");
            ip(&format!("-n router link set {name} master switch"));
        }
        machine("centre", CENTRE, "10.91.1.1");
        ip("-n router addr add 10.91.1.1/24 dev centre");
        Self
    }

    /// The machine of this name.
    pub fn place(&self, name: &str) -> Place {
        place(name)
    }

    /// Pulls a machine's cable at the switch, or plugs it in; `centre` is the site's only line to the world.
    pub fn set_up(&self, machine: &str, up: bool) {
        ip(&format!("-n router link set {machine} {}", if up { "up" } else { "down" }));
    }

    /// Nothing more crosses the line to this address; what it says does arrive at the other end.
    pub fn set_deaf(&self, address: &str, deaf: bool) {
        ip(&format!("-n router route {} blackhole {address}/32", if deaf { "add" } else { "del" }));
    }
}

/// A machine on a cable of its own, whose other end in the router has the machine's name.
fn machine(name: &str, address: &str, gateway: &str) {
    ip(&format!("netns add {name}"));
    ip(&format!("link add name {name} netns router type veth peer name eth netns {name}"));
    ip(&format!("-n {name} link set lo up"));
    ip(&format!("-n {name} addr add {address}/24 dev eth"));
    ip(&format!("-n {name} link set eth up"));
    ip(&format!("-n router link set {name} up"));
    ip(&format!("-n {name} route add default via {gateway}"));
}

fn place(name: &str) -> Place {
    Place::in_namespace(&Path::new("/run/netns").join(name)).unwrap()
}

fn ip(words: &str) {
    let done = Command::new("ip").args(words.split(' ')).output().unwrap();
    assert!(done.status.success(), "ip {words}: {}", String::from_utf8_lossy(&done.stderr));
}
