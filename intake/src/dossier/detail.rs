//! What a step carries with it: which papers, which ground, which day. What is personal stands in the sealed note.

use crate::fact::PaperTaken;
use crate::fee::Dong;
use crate::ids::AgencyCode;
use crate::jurisdiction::AuthorityId;
use crate::moment::Moment;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What is wrong with a paper.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It was not handed in.
    Missing,
    /// It cannot be read.
    Illegible,
    /// It is no longer valid.
    Expired,
    /// It is not on the form that the procedure asks for, or is filled in wrongly.
    WrongForm,
    /// It must be an original or certified.
    NotCertified,
    /// What it says does not fit the other papers.
    Contradicts,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 6] =
        [Fault::Missing, Fault::Illegible, Fault::Expired, Fault::WrongForm, Fault::NotCertified, Fault::Contradicts];
}

/// A paper that must be brought or mended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PaperAsked {
    /// Which of the procedure's papers; a name that the officer wrote where the catalogue does not list it.
    pub id: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// Why a dossier is refused or stopped, or a promise moved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Another authority decides, and it cannot be sent on.
    NotCompetent,
    /// The law's conditions are not met.
    NotEligible,
    /// The papers were asked for and did not come.
    PapersNotBrought,
    /// The same request is open already.
    Duplicate,
    /// The procedure is no longer in force.
    ProcedureWithdrawn,
    /// Another office must verify or answer.
    AwaitsOthers,
    /// More work than the office can do in time.
    Workload,
    /// What the officer wrote.
    Other,
}

impl Ground {
    /// All of them.
    pub const ALL: [Ground; 8] = [
        Ground::NotCompetent,
        Ground::NotEligible,
        Ground::PapersNotBrought,
        Ground::Duplicate,
        Ground::ProcedureWithdrawn,
        Ground::AwaitsOthers,
        Ground::Workload,
        Ground::Other,
    ];
}

/// How a result reaches the citizen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnBy {
    /// Over a counter.
    Desk,
    /// By public post (bưu chính công ích).
    Post,
    /// Electronically.
    Electronic,
}

/// What a step carries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// It goes to the authority that decides.
    Forwarded {
        /// The code to which it is sent.
        to: AgencyCode,
        /// Which authority.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        authority: Option<AuthorityId>,
        /// By when it must be there.
        not_later_than: Moment,
    },
    /// Papers were asked for, all of them in one request.
    PapersAsked {
        /// Which.
        papers: Vec<PaperAsked>,
        /// By when; none where no day is set.
        bring_by: Option<Date>,
    },
    /// The papers came.
    PapersBrought {
        /// What was brought.
        papers: Vec<PaperTaken>,
        /// The promise from now on.
        due: Option<Moment>,
        /// Which table of working days it was reckoned with.
        calendar: String,
    },
    /// It was refused or stopped.
    Refused {
        /// Why.
        ground: Ground,
    },
    /// A payment is asked for.
    DutyAsked {
        /// How much.
        amount: Dong,
    },
    /// There is a result.
    Result {
        /// The number on it (số, ký hiệu).
        number: Option<String>,
    },
    /// The result was handed over.
    Returned {
        /// How.
        by: ReturnBy,
    },
    /// The promise was moved, with an apology.
    Reappointed {
        /// What was promised before.
        was: Moment,
        /// What is promised now.
        due: Moment,
        /// Why.
        ground: Ground,
    },
}
