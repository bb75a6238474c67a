//! What the centre's own people do: invite stations, appoint officers, verify the log.

use super::Service;
use crate::invitation::{BadGuest, Guest};
use intake::event::{Draft, Scope, Subject};
use intake::fact::{Fact, OfficerAppointed};
use intake::ids::{OfficerId, SiteCode};
use intake::person::{Account, Personal};
use serde::{Deserialize, Serialize};
use sync::CentreFault;
use sync::store::{StoreFault, VerifyReport};

/// An officer's account as the centre sets it up.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appointment {
    /// The account's name.
    pub officer: OfficerId,
    /// The officer's name, as colleagues read it.
    pub name: String,
    /// Where they work.
    pub site: SiteCode,
    /// PHC string of the PIN (argon2id); the PIN itself stays with the one who typed it.
    pub pin_hash: String,
}

/// Why the office could not do it.
#[derive(Debug, thiserror::Error)]
pub enum OfficeFault {
    /// The invitation is not in order.
    #[error(transparent)]
    Guest(#[from] BadGuest),
    /// The appointment is not in order.
    #[error("{0}")]
    Appointment(&'static str),
    /// The stick cannot be taken.
    #[error(transparent)]
    Stick(#[from] super::NotCarried),
    /// A file cannot be read or written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Only a site's hub can do it.
    #[error("this is no site's hub")]
    NoHub,
    /// The store cannot do it.
    #[error("the store: {0}")]
    Store(#[from] StoreFault),
    /// The centre cannot do it.
    #[error(transparent)]
    Centre(#[from] CentreFault),
}

impl Service {
    /// Makes a one-time token for a station that is to come.
    ///
    /// # Errors
    /// See [`OfficeFault`].
    pub fn invite(&self, guest: &Guest) -> Result<String, OfficeFault> {
        let now = self.now();
        let invitation = guest.invitation(now)?;
        if let Some(group) = guest.agency_group() {
            self.note_write(self.store.ensure_group(group.as_str()))?;
        }
        let token = self.note_write(self.store.invite(&invitation))?;
        Ok(self.known_by.get().map_or_else(|| token.clone(), |authority| authority.after(&token)))
    }

    /// Sets up an officer's account, or sets it up anew (another PIN, another name).
    ///
    /// # Errors
    /// See [`OfficeFault`].
    pub fn appoint(&self, appointment: &Appointment) -> Result<(), OfficeFault> {
        check(appointment)?;
        let Appointment { officer, name, site, pin_hash } = appointment.clone();
        let scope = Scope::site(&site);
        let draft = Draft {
            subject: Subject::Officer(officer.clone()),
            fact: Fact::OfficerAppointed(OfficerAppointed { site, roles: vec!["counter".into()] }),
            personal: Some(Personal { account: Some(Account { officer, name, pin_hash }), ..Personal::default() }),
            scopes: vec![scope.clone()],
        };
        self.note_write(self.store.ensure_group(scope.as_str()))?;
        Ok(self.note_write(self.store.publish(self.now(), draft))?)
    }

    /// Re-hashes every chain, checks every signature, rebuilds the views and compares.
    ///
    /// # Errors
    /// When the store cannot be read; a difference is in the report, not an error.
    pub fn verify(&self) -> Result<VerifyReport, StoreFault> {
        self.store.verify()
    }
}

fn check(appointment: &Appointment) -> Result<(), OfficeFault> {
    let account = appointment.officer.as_str();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
    if account.is_empty() || account.len() > 40 || !account.chars().all(fits) {
        return Err(OfficeFault::Appointment("an account's name has 1 to 40 of a-z 0-9 . - _"));
    }
    if appointment.name.trim().is_empty() || appointment.name.chars().count() > 80 {
        return Err(OfficeFault::Appointment("an officer's name has 1 to 80 characters"));
    }
    if !appointment.pin_hash.starts_with("$argon2id$") {
        return Err(OfficeFault::Appointment("a PIN is kept as an argon2id hash"));
    }
    let site = appointment.site.as_str();
    if site.len() != 5 || !site.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(BadGuest::Site(site.to_owned()).into());
    }
    Ok(())
}
