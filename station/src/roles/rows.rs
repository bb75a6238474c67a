//! Rows and states that several roles show.

use crate::api::{CameBy, PaperState, Problem, ProcedureTile, StageSeen, Text, TicketRow};
use crate::core::Station;
use crate::wording;
use intake::ids::ProcedureCode;
use intake::queue::{Paper, Stage, Visit};

/// A procedure's tile; by its bare code where the catalogue no longer has it.
pub(super) fn tile(station: &Station, code: &ProcedureCode) -> ProcedureTile {
    let now = station.clock.now();
    station.here.catalogue.get(code).map_or_else(|| nameless(code), |known| wording::tile(known, now))
}

fn nameless(code: &ProcedureCode) -> ProcedureTile {
    let ask = Text::both("Hỏi cán bộ", "Ask an officer");
    ProcedureTile {
        code: code.to_string(),
        name: Text::same(code.to_string()),
        field: String::new(),
        instant: false,
        limit: ask.clone(),
        fee: ask.clone(),
        fee_by_page: false,
        fee_known: false,
        authority: ask,
        papers: None,
        source: None,
    }
}

pub(super) fn paper(paper: Paper) -> PaperState {
    match paper {
        Paper::Printing => PaperState::Printing,
        Paper::Confirmed => PaperState::Confirmed,
        Paper::Sent => PaperState::Sent,
        Paper::NotPrinted => PaperState::NotPrinted,
        Paper::InDoubt => PaperState::InDoubt,
    }
}

/// A ticket in the queue.
pub(super) fn ticket(station: &Station, visit: &Visit) -> TicketRow {
    let waited_ms = station.clock.now().0 - visit.issued_at.0;
    let number = visit.number.to_string();
    TicketRow {
        visit: visit.id.to_string(),
        procedure: tile(station, &visit.procedure),
        priority: visit.priority.map(|priority| wording::priority_name(priority).to_owned()),
        issued_at: visit.issued_at.0,
        waited_minutes: (waited_ms.max(0) / 60_000) as u32,
        paper: paper(visit.paper),
        paper_problem: visit.paper_fault.as_deref().map(|code| Problem::new(code).with("number", &number)),
        has_card: visit.identified,
        stage: match visit.stage {
            Stage::Waiting => StageSeen::Waiting,
            Stage::Called => StageSeen::Called,
            Stage::Missed => StageSeen::NoShow,
            Stage::Parked => StageSeen::Parked,
            Stage::Closed => StageSeen::Closed,
        },
        came_by: if visit.came_by_paper { CameBy::Paper } else { CameBy::Network },
        called_twice: visit.called_twice,
        sent_here: visit.sent_to.as_ref() == Some(&station.here.desk),
        number,
    }
}
