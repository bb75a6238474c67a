//! Money at the desk: taken with a receipt, confirmed, given back, and counted at the end of the day.

use super::{Answer, Deciding, Decision, Effect, Refused};
use crate::code::short_id;
use crate::dossier::Status;
use crate::event::{Scope, Subject};
use crate::fact::{FeeConfirmed, FeeRefunded, FeeTaken, TillClosed};
use crate::fee::Dong;
use crate::ids::{DossierId, JobId};
use crate::payment::{PaidBy, ReceiptNo, Stands, Till, takings};
use crate::person::Personal;

/// What is to be done with money.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Money {
    /// Take it, and give a receipt.
    Take {
        /// How much.
        amount: Dong,
        /// How it comes in.
        by: PaidBy,
    },
    /// A transfer has arrived.
    Confirm {
        /// Of which receipt.
        receipt: ReceiptNo,
    },
    /// Give it back.
    Refund {
        /// Of which receipt.
        receipt: ReceiptNo,
    },
}

impl Deciding<'_> {
    pub(super) fn money(&mut self, id: DossierId, money: Money, note: String) -> Result<Decision, Refused> {
        let known = self.known(id)?.clone();
        let stands = |receipt: &ReceiptNo| known.payments.of(receipt).map(|payment| payment.stands);
        let draft = match money {
            Money::Take { amount, by } => {
                let ended = matches!(known.status, Status::NotAccepted | Status::Withdrawn);
                if amount.0 <= 0 || ended {
                    return Err(Refused::StepNotLegal);
                }
                let (taken, job) = self.take_fee(amount, by);
                let draft = self.on(&known, taken);
                return Ok(Decision::of(vec![draft], Answer::Dossier(id)).with(Effect::MakeSlip { job, dossier: id }));
            }
            Money::Confirm { receipt } if stands(&receipt) == Some(Stands::Announced) => {
                self.on(&known, FeeConfirmed { receipt, at: self.now })
            }
            Money::Refund { receipt } if stands(&receipt) == Some(Stands::Paid) => {
                if note.trim().is_empty() {
                    return Err(Refused::ReasonMissing);
                }
                let fact = FeeRefunded { receipt, desk: self.here.desk.clone(), at: self.now };
                let mut draft = self.on(&known, fact);
                draft.personal = Some(Personal { note: Some(note.trim().to_owned()), ..Personal::default() });
                draft
            }
            Money::Confirm { .. } | Money::Refund { .. } => return Err(Refused::StepNotLegal),
        };
        Ok(Decision::of(vec![draft], Answer::Dossier(id)))
    }

    /// The next receipt of this station, for money that is taken now.
    pub(super) fn take_fee(&mut self, amount: Dong, by: PaidBy) -> (FeeTaken, JobId) {
        let series = format!("{}-{}", self.here.label, short_id(self.here.incarnation));
        let number = self.state.last_receipt(&series) + 1;
        let job = JobId(self.id());
        let receipt = ReceiptNo { series, number };
        (FeeTaken { receipt, amount, by, desk: self.here.desk.clone(), at: self.now, job }, job)
    }

    /// The officer counts the till: what was counted stands beside what should be there.
    pub(super) fn close_till(&mut self, counted: Dong) -> Decision {
        let day = self.now.day();
        let payments = self.state.dossiers().map(|dossier| &dossier.payments);
        let home = Scope::site(&self.here.site);
        let takings = takings(payments, &Till { home: &home, desk: &self.here.desk, day });
        let fact = TillClosed {
            desk: self.here.desk.clone(),
            day,
            receipts: takings.receipts,
            expected: takings.in_till(),
            counted,
            transfers: takings.transfers,
            announced: takings.announced,
            at: self.now,
        };
        Decision::of(vec![self.at_site(Subject::Station(self.here.station), fact)], Answer::Done)
    }
}
