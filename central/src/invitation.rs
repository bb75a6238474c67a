//! Who may be invited as what: the role and the place decide what a station writes, pulls and can read.

use intake::event::Scope;
use intake::ids::{AgencyCode, SiteCode};
use intake::moment::Moment;
use serde::{Deserialize, Serialize};
use sync::protocol::StationRole;

/// How long a token is good for: seven days, in milliseconds.
pub const LIFETIME_MS: i64 = 7 * 24 * 3600 * 1000;

/// What a station will be, decided by the one who invites it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guest {
    /// Where it stands.
    pub site: SiteCode,
    /// What it is.
    pub role: StationRole,
    /// What people call it, such as "Kiosk 1".
    pub label: String,
    /// The authority whose dossiers it takes in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<AgencyCode>,
}

/// What is wrong with an invitation that somebody asked for.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadGuest {
    /// QĐ 19/2025/QĐ-TTg numbers communes and wards with five digits.
    #[error("a site's code is five digits, not {0:?}")]
    Site(String),
    /// A label is on screens and in lists.
    #[error("a label has 1 to 80 characters")]
    Label,
    /// Electronic identification codes are letters, digits and dots.
    #[error("not the code of an agency: {0:?}")]
    Agency(String),
    /// There is one centre, and it enrols nobody as its equal.
    #[error("nobody can be invited as a centre")]
    Centre,
}

impl Guest {
    /// The invitation as the log keeps it.
    ///
    /// # Errors
    /// See [`BadGuest`].
    pub fn invitation(&self, now: Moment) -> Result<sync::store::Invitation, BadGuest> {
        self.check()?;
        Ok(sync::store::Invitation {
            label: self.label.clone(),
            role: self.role,
            site: self.site.clone(),
            scopes: self.scopes(),
            reads: self.reads(),
            expires_at: now.plus_ms(LIFETIME_MS),
        })
    }

    /// The group of its authority: a kiosk that is no member seals to it all the same.
    pub fn agency_group(&self) -> Option<Scope> {
        self.agency.as_ref().map(Scope::agency)
    }

    /// What it writes and pulls; the site is its events' home.
    fn scopes(&self) -> Vec<Scope> {
        // A kiosk and a board deal with the hall; only those who take in dossiers write for the authority.
        let takes_in = !matches!(self.role, StationRole::Kiosk | StationRole::Board);
        let agency = self.agency_group().filter(|_| takes_in);
        // A partner's shop gets a scope of its own with its identity: no site's queue is any of its business.
        let site = (self.role != StationRole::Agent).then(|| Scope::site(&self.site));
        site.into_iter().chain(agency).collect()
    }

    /// The groups whose private keys it gets, so that it reads what others sealed: officers' desks alone.
    fn reads(&self) -> Vec<Scope> {
        // And the one that finds a person's earlier dossiers, wherever they were taken in.
        let people = Scope(sync::earlier::PEOPLE.to_owned());
        if self.role == StationRole::Counter { self.scopes().into_iter().chain([people]).collect() } else { vec![] }
    }

    fn check(&self) -> Result<(), BadGuest> {
        let site = self.site.as_str();
        if site.len() != 5 || !site.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(BadGuest::Site(site.to_owned()));
        }
        if self.label.trim().is_empty() || self.label.chars().count() > 80 {
            return Err(BadGuest::Label);
        }
        if let Some(agency) = &self.agency
            && !is_agency_code(agency.as_str())
        {
            return Err(BadGuest::Agency(agency.to_string()));
        }
        if self.role == StationRole::Centre { Err(BadGuest::Centre) } else { Ok(()) }
    }
}

fn is_agency_code(code: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'.';
    (3..=32).contains(&code.len()) && code.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(role: StationRole) -> Guest {
        Guest { site: "00004".into(), role, label: "x".into(), agency: Some("H26.112.00".into()) }
    }

    #[test]
    fn roles_decide_what_is_written_and_read() {
        let table = [
            (StationRole::Kiosk, vec!["site:00004"], vec![]),
            (StationRole::Board, vec!["site:00004"], vec![]),
            (StationRole::Agent, vec!["agency:H26.112.00"], vec![]),
            (
                StationRole::Counter,
                vec!["site:00004", "agency:H26.112.00"],
                vec!["site:00004", "agency:H26.112.00", "people"],
            ),
        ];
        let names = |scopes: Vec<Scope>| scopes.into_iter().map(|scope| scope.0).collect::<Vec<_>>();
        for (role, scopes, reads) in table {
            let invitation = guest(role).invitation(Moment(0)).unwrap();
            assert_eq!(names(invitation.scopes), scopes, "{role:?}");
            assert_eq!(names(invitation.reads), reads, "{role:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let kiosk = guest(StationRole::Kiosk);
        let table = [
            (Guest { site: "4".into(), ..kiosk.clone() }, BadGuest::Site("4".into())),
            (Guest { label: " ".into(), ..kiosk.clone() }, BadGuest::Label),
            (Guest { agency: Some("a b".into()), ..kiosk.clone() }, BadGuest::Agency("a b".into())),
            (guest(StationRole::Centre), BadGuest::Centre),
        ];
        for (guest, expected) in table {
            assert_eq!(guest.invitation(Moment(0)).err(), Some(expected));
        }
    }
}
