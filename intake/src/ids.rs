//! Identifiers. Each is a type of its own, so that a visit cannot be taken for a dossier.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

uuid_id! {
    /// A kiosk, a counter PC, an agent's PC, a hub or a centre node; given at enrolment.
    StationId,
    /// One life of a station's disk. A restored or replaced disk begins a new one, so it can never fork a log.
    Incarnation,
    /// One fact in the log (UUIDv7, so ids sort by the time they were made).
    EventId,
    /// One citizen's stay, from the ticket to the door.
    VisitId,
    /// One dossier (hồ sơ).
    DossierId,
    /// One lease of dossier numbers, granted by the centre.
    LeaseId,
    /// One press of a button: the same intent twice has one effect.
    IntentId,
    /// One piece of paper that a printer was asked for.
    JobId,
}

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// Wraps the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )+};
}

text_id! {
    /// A commune or ward by its five-character code, such as `00004` (Ba Đình); QĐ 19/2025/QĐ-TTg.
    SiteCode,
    /// An agency's electronic identification code (mã định danh điện tử), such as `H26.112.00`.
    AgencyCode,
    /// A procedure's national code, such as `1.004873`.
    ProcedureCode,
    /// An officer's account name.
    OfficerId,
    /// A counter's desk, such as `3`.
    Desk,
}
