//! Money at the counter: taken with a receipt, confirmed, given back, and counted at the end of the day.

use super::id;
use super::work::{named, read};
use crate::api::dossiers::{DossierView, MoneyAsk, PaymentRow, TillView};
use crate::api::{Problem, Text};
use crate::core::{Station, lock};
use crate::documents::qr_svg;
use crate::slips::{self, forms};
use intake::decide::{Answer, Input, Money};
use intake::dossier::{Dossier, FormOf};
use intake::event::Scope;
use intake::fee::Dong;
use intake::ids::DossierId;
use intake::payment::{ReceiptNo, Stands, Takings, Till, takings};

impl Station {
    /// Takes, confirms or gives back money for a dossier.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL`, `REASON-MISSING` where money is given back, `SIGN-IN-NEEDED`, `DISK-FULL`.
    pub fn counter_money(&self, dossier: &str, ask: MoneyAsk, note: &str) -> Result<DossierView, Problem> {
        let dossier: DossierId = id(dossier)?;
        let money = match ask {
            MoneyAsk::Take { amount, by } => Money::Take { amount: Dong(amount.into()), by: read(&by)? },
            MoneyAsk::Confirm { series, number } => Money::Confirm { receipt: ReceiptNo { series, number } },
            MoneyAsk::Refund { series, number } => Money::Refund { receipt: ReceiptNo { series, number } },
        };
        match self.officer_does(Input::Money { dossier, money, note: intake::words::nfc(note) })? {
            Answer::Dossier(dossier) => self.dossier_view(dossier),
            _ => Err(Problem::new("STATION-FAULT")),
        }
    }

    /// What this desk took today, and how many papers it did not ask for again.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`.
    pub fn counter_till(&self) -> Result<TillView, Problem> {
        self.officer()?;
        let (takings, share) = (self.takings(), self.not_asked_again());
        // An amount of nothing is nothing here, and no fee that is free.
        let text = |amount: Dong| Text::same(amount.to_string());
        Ok(TillView {
            receipts: takings.receipts,
            expected: takings.in_till().0,
            in_till: text(takings.in_till()),
            transfers: text(takings.transfers),
            announced: text(takings.announced),
            reused: share.reused,
            papers: share.papers,
        })
    }

    /// The officer counted the till: what was counted is written down beside what should be there.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`, `DISK-FULL`.
    pub fn counter_close_till(&self, counted: u32) -> Result<TillView, Problem> {
        self.officer_does(Input::CloseTill { counted: Dong(counted.into()) })?;
        self.counter_till()
    }

    fn takings(&self) -> Takings {
        let today = self.today();
        let state = lock(&self.state);
        let home = Scope::site(&self.here.site);
        let till = Till { home: &home, desk: &self.here.desk, day: today };
        takings(state.dossiers().map(|dossier| &dossier.payments), &till)
    }

    pub(super) fn payment_rows(&self, dossier: &Dossier) -> Vec<PaymentRow> {
        let rows = dossier.payments.all.iter().map(|payment| {
            let of_this = |of: &FormOf| matches!(of, FormOf::Receipt(receipt) if *receipt == payment.receipt);
            let form = dossier.forms.iter().find(|form| of_this(&form.of) && form.made.is_some());
            let code = forms::transfer(self, dossier, payment).filter(|_| payment.stands == Stands::Announced);
            PaymentRow {
                series: payment.receipt.series.clone(),
                number: payment.receipt.number,
                amount: Text::same(payment.amount.to_string()),
                by: named(payment.by),
                stands: named(payment.stands),
                at: payment.at.0,
                file: form.map(|form| slips::form_path(self, dossier, form).display().to_string()),
                qr: code.and_then(|code| qr_svg(&code).ok()),
            }
        });
        rows.collect()
    }
}

/// What is still to be paid of a fee that is known.
pub(super) fn owed(dossier: &Dossier) -> Option<u32> {
    let fee = dossier.fee?;
    u32::try_from(fee.0 - dossier.payments.sum().0).ok().filter(|owed| *owed > 0)
}
