//! Emulators of this process by name, so that `emulator:NAME` is an address.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use crate::address::Address;

static NAMES: LazyLock<Mutex<HashMap<String, Address>>> = LazyLock::new(Mutex::default);

/// Gives an emulator's line a name; a name given before moves to the new line.
pub fn publish(name: &str, address: Address) {
    if let Ok(mut names) = NAMES.lock() {
        names.insert(name.to_owned(), address);
    }
}

/// Takes a name away.
pub fn withdraw(name: &str) {
    if let Ok(mut names) = NAMES.lock() {
        names.remove(name);
    }
}

/// Where the emulator of this name is. A name that leads to another name leads nowhere: there are no circles.
#[must_use]
pub fn resolve(name: &str) -> Option<Address> {
    let address = NAMES.lock().ok()?.get(name).cloned();
    address.filter(|address| !matches!(address, Address::Emulator { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_lines_and_never_to_names() {
        publish("registry-test", Address::tcp("127.0.0.1", 9));
        assert_eq!(resolve("registry-test"), Some(Address::tcp("127.0.0.1", 9)));
        publish("registry-test", Address::Emulator { name: "registry-test".to_owned() });
        assert_eq!(resolve("registry-test"), None);
        withdraw("registry-test");
        assert_eq!(resolve("registry-test"), None);
    }
}
