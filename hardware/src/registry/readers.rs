//! The card readers that the PC/SC service shows.

use pcsc::{Context, Error, Scope};

use super::{Access, DeviceClass, Found};
use crate::address::Address;

/// The readers; or why the service does not tell.
pub(super) fn readers() -> Result<Vec<Found>, String> {
    match Context::establish(Scope::User).and_then(|context| names(&context)) {
        Ok(names) => Ok(names.into_iter().map(found).collect()),
        Err(error) => Err(error.to_string()),
    }
}

/// The names of the readers; none is no error.
pub(super) fn names(context: &Context) -> Result<Vec<String>, Error> {
    match context.list_readers_owned() {
        Ok(names) => Ok(names.into_iter().map(|name| name.to_string_lossy().into_owned()).collect()),
        Err(Error::NoReadersAvailable) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn found(name: String) -> Found {
    Found {
        class: DeviceClass::CardReader,
        maker: None,
        model: Some(name.clone()),
        serial: None,
        access: Access::Free,
        address: Address::Pcsc { reader: name },
    }
}
