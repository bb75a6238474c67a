//! Money that was taken for a dossier: each with a receipt's number that is never given twice, announced until it has arrived.

use crate::event::{Event, Scope};
use crate::fact::Fact;
use crate::fee::Dong;
use crate::ids::{Desk, JobId};
use crate::moment::Moment;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The number of a receipt for money. Its series is that of one life of one station's disk, so that no two stations and no
/// two lives count in one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ReceiptNo {
    /// Ký hiệu: the station's label and six characters of the life of its disk.
    pub series: String,
    /// Số: from one, without a gap.
    pub number: u32,
}

impl fmt::Display for ReceiptNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:07}", self.series, self.number)
    }
}

/// How money comes in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaidBy {
    /// Tiền mặt: it is in the till.
    Cash,
    /// Chuyển khoản: announced until somebody or something confirms that it arrived.
    Transfer,
}

/// Where a payment stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// The citizen says that it is on its way.
    Announced,
    /// It is there.
    Paid,
    /// It was given back.
    Refunded,
}

/// A payment.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Payment {
    /// Its receipt's number.
    pub receipt: ReceiptNo,
    /// How much.
    pub amount: Dong,
    /// How it came in.
    pub by: PaidBy,
    /// Where it stands.
    pub stands: Stands,
    /// When it was taken.
    pub at: Moment,
    /// At whose desk: the home of the event. Desks of two places may have one number.
    pub home: Scope,
    /// At which desk.
    pub desk: Desk,
    /// The job of its printed receipt.
    pub job: JobId,
}

/// What was taken at a desk on a day.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Takings {
    /// Receipts that were given.
    pub receipts: u32,
    /// Cash that was taken.
    pub cash: Dong,
    /// Cash that was given back, whenever it had been taken.
    pub cash_back: Dong,
    /// Transfers that arrived.
    pub transfers: Dong,
    /// Transfers that are announced and have not arrived.
    pub announced: Dong,
}

impl Takings {
    /// What must be in the till.
    pub fn in_till(&self) -> Dong {
        Dong(self.cash.0 - self.cash_back.0)
    }

    /// Adds a payment that was taken, or given back, at a desk on a day.
    fn add(&mut self, payment: &Payment, till: &Till<'_>, refund: Option<&Refund>) {
        if till.is(&payment.home, &payment.desk, payment.at) {
            self.receipts += 1;
            match (payment.by, payment.stands) {
                (PaidBy::Cash, _) => self.cash = self.cash.plus(payment.amount),
                (PaidBy::Transfer, Stands::Announced) => self.announced = self.announced.plus(payment.amount),
                (PaidBy::Transfer, _) => self.transfers = self.transfers.plus(payment.amount),
            }
        }
        if refund.is_some_and(|back| till.is(&back.home, &back.desk, back.at)) && payment.by == PaidBy::Cash {
            self.cash_back = self.cash_back.plus(payment.amount);
        }
    }
}

/// A desk's till on a day.
#[derive(Clone, Copy, Debug)]
pub struct Till<'a> {
    /// The place: the home of what is written there.
    pub home: &'a Scope,
    /// The desk.
    pub desk: &'a Desk,
    /// The day.
    pub day: Date,
}

impl Till<'_> {
    fn is(&self, home: &Scope, desk: &Desk, at: Moment) -> bool {
        home == self.home && desk == self.desk && at.day() == self.day
    }
}

/// Money that was given back.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Refund {
    /// Of which receipt.
    pub receipt: ReceiptNo,
    /// At whose desk.
    pub home: Scope,
    /// At which desk.
    pub desk: Desk,
    /// When.
    pub at: Moment,
}

/// The payments of a dossier, folded from its events in canonical order, and where and when each was given back.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Payments {
    /// Each payment.
    pub all: Vec<Payment>,
    /// What was given back.
    pub refunds: Vec<Refund>,
}

impl Payments {
    pub(crate) fn apply(&mut self, event: &Event) {
        // An event stands somewhere, or it is not read at all.
        let Some(home) = event.scopes.first().cloned() else { return };
        match &event.fact {
            Fact::FeeTaken(taken) if self.of(&taken.receipt).is_none() => self.all.push(Payment {
                home,
                receipt: taken.receipt.clone(),
                amount: taken.amount,
                by: taken.by,
                stands: if taken.by == PaidBy::Cash { Stands::Paid } else { Stands::Announced },
                at: taken.at,
                desk: taken.desk.clone(),
                job: taken.job,
            }),
            Fact::FeeConfirmed(confirmed) => self.becomes(&confirmed.receipt, Stands::Paid),
            Fact::FeeRefunded(refunded) if self.is_there(&refunded.receipt) => {
                self.becomes(&refunded.receipt, Stands::Refunded);
                let (receipt, desk, at) = (refunded.receipt.clone(), refunded.desk.clone(), refunded.at);
                self.refunds.push(Refund { receipt, home, desk, at });
            }
            _ => {}
        }
    }

    fn is_there(&self, receipt: &ReceiptNo) -> bool {
        self.of(receipt).is_some_and(|payment| payment.stands == Stands::Paid)
    }

    fn becomes(&mut self, receipt: &ReceiptNo, stands: Stands) {
        let found = self.all.iter_mut().find(|payment| payment.receipt == *receipt);
        if let Some(payment) = found.filter(|payment| payment.stands < stands) {
            payment.stands = stands;
        }
    }

    /// The payment of a receipt.
    pub fn of(&self, receipt: &ReceiptNo) -> Option<&Payment> {
        self.all.iter().find(|payment| payment.receipt == *receipt)
    }

    /// What is there or announced, less what was given back.
    pub fn sum(&self) -> Dong {
        let kept = self.all.iter().filter(|payment| payment.stands != Stands::Refunded);
        kept.fold(Dong(0), |sum, payment| sum.plus(payment.amount))
    }
}

/// What a desk took on a day, over all dossiers that are known.
pub fn takings<'a>(dossiers: impl Iterator<Item = &'a Payments>, till: &Till<'_>) -> Takings {
    let mut takings = Takings::default();
    for payments in dossiers {
        for payment in &payments.all {
            takings.add(payment, till, payments.refunds.iter().find(|back| back.receipt == payment.receipt));
        }
    }
    takings
}
