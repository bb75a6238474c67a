//! Facts in words, in both languages: what a page or a paper says of a limit, a fee, a promise.

mod reuse;
mod steps;

use crate::api::{FieldTile, PaperNeeded, ProcedureTile, Text};
use crate::config::StationPart;
use crate::documents::TicketSlip;
use intake::catalogue::{Authority, Field, Procedure, TimeLimit};
use intake::decide::Here;
use intake::dossier::Status;
use intake::due::{Assumption, Due, OutsideHours, ReasonStep};
use intake::fact::CodeGiven;
use intake::fee::{Channel, Dong, FeeAsk, FeeQuote, FeeRule};
use intake::moment::Moment;
use intake::queue::{Priority, Visit};
use intake::rules::SupplementClock;
use intake::state::State;
use sync::Refusal;

pub(crate) use reuse::{digitised, reused, until};
pub(crate) use steps::{abroad, amended, authority_named, fault, ground, returned_by, taken, timeliness};

/// Where a dossier can be looked up.
pub(crate) const LOOK_UP: &str = "Kiốt tại sảnh, mục “Tra cứu hồ sơ”";
/// How many served citizens an estimate of the wait needs.
const ENOUGH_CALLS: usize = 3;

/// What an event says that happened.
pub(crate) fn happened(kind: &str) -> Text {
    let (vi, en) = match kind {
        "TicketIssued" => ("Cấp số", "Number given"),
        "PaperReported" | "PaperSettled" => ("Kết quả in phiếu", "What became of the paper"),
        "CopyRequested" => ("In lại phiếu", "Copy of a ticket"),
        "TicketCalled" => ("Gọi số", "Number called"),
        "TicketMissed" => ("Gọi không có mặt", "Nobody came when called"),
        "TicketParked" => ("Tạm rời quầy", "Away from the desk for a while"),
        "TicketReturned" => ("Về hàng chờ", "Back to the queue"),
        "TicketTransferred" => ("Chuyển quầy hoặc thủ tục", "Sent on to another desk or service"),
        "ServiceAdded" => ("Thêm thủ tục vào lượt", "One more service in the visit"),
        "DeskPaused" => ("Tạm dừng quầy", "Desk paused"),
        "DeskResumed" => ("Quầy tiếp tục", "Desk goes on"),
        "VisitClosed" => ("Kết thúc lượt", "Visit ended"),
        "DossierAccepted" => ("Tiếp nhận hồ sơ", "Dossier accepted"),
        "DossierAmended" => ("Đính chính hồ sơ", "Dossier put right"),
        "PapersSent" => ("Bàn giao giấy tờ", "Papers handed over"),
        "PapersReceived" => ("Xác nhận đã nhận giấy tờ", "Papers came"),
        "DossierStepped" => ("Chuyển bước hồ sơ", "Dossier moved on"),
        "FeePaid" => ("Thu lệ phí", "Fee paid"),
        other => return Text::same(other),
    };
    Text::both(vi, en)
}

/// Why bytes or a record were refused.
pub(crate) fn refused(refusal: &Refusal) -> Text {
    let vi = match refusal {
        Refusal::BadMagic => "không phải dữ liệu đồng bộ".into(),
        Refusal::Version { got } => format!("bản định dạng {got} chưa biết ở đây"),
        Refusal::Truncated => "dữ liệu bị cụt".into(),
        Refusal::Malformed { what } => format!("không đúng định dạng ({what})"),
        Refusal::TooLarge { limit_bytes, .. } => format!("lớn hơn {limit_bytes} byte"),
        Refusal::UnknownStation { station } => format!("chưa biết trạm {station}"),
        Refusal::BadSignature => "chữ ký không khớp".into(),
        Refusal::Gap { have, want } => format!("thiếu một đoạn: có đến {have}, nhận từ {want}"),
        Refusal::Fork { no } => format!("trùng số {no} nhưng nội dung khác"),
        Refusal::BadChain { no } => format!("chuỗi băm đứt ở số {no}"),
        Refusal::NotYourScope { scope } => format!("không được phép trong phạm vi {scope}"),
        Refusal::BadToken => "mã đăng ký không dùng được".into(),
        Refusal::ClockSkew { .. } => "đồng hồ hai bên lệch quá nhiều".into(),
        Refusal::Replay => "yêu cầu này đã gửi rồi".into(),
        Refusal::NotFound { what } => format!("không tìm thấy {what}"),
    };
    Text::both(vi, refusal.to_string())
}

/// A dossier's code, official or not yet.
pub(crate) fn code(code: &CodeGiven) -> String {
    match code {
        CodeGiven::Official { code, .. } => code.to_string(),
        CodeGiven::Temporary { code } => code.clone(),
    }
}

fn ask_the_officer() -> Text {
    Text::both("Hỏi cán bộ", "Ask an officer")
}

/// A time limit.
pub(crate) fn limit(limit: TimeLimit) -> Text {
    match limit {
        TimeLimit::Instant { same_day_cutoff } => Text::both(
            format!("Trong ngày; nhận sau {} thì ngày làm việc tiếp theo", same_day_cutoff.strftime("%H:%M")),
            format!("Same day; next working day if received after {}", same_day_cutoff.strftime("%H:%M")),
        ),
        TimeLimit::WorkingHours { hours } => {
            Text::both(format!("{hours:02} giờ làm việc"), counted(hours.into(), "working hour"))
        }
        TimeLimit::WorkingDays { days } => {
            Text::both(format!("{days:02} ngày làm việc"), counted(days.into(), "working day"))
        }
        TimeLimit::CalendarDays { days } => Text::both(format!("{days:02} ngày"), counted(days.into(), "day")),
        TimeLimit::None => Text::both("Không hẹn ngày", "No fixed day"),
    }
}

fn counted(count: u32, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// A fee that may need pages and copies.
pub(crate) fn fee_of(procedure: &Procedure, ask: FeeAsk<'_>) -> Text {
    match procedure.fee.value().map(|fee| fee.quote(ask)) {
        Some(FeeQuote::Amount(amount)) => fee(Some(amount)),
        Some(FeeQuote::NeedsPages | FeeQuote::NeedsCopies) => {
            Text::both("Theo số trang, số bản", "By pages and copies")
        }
        Some(FeeQuote::NoRate) | None => ask_the_officer(),
    }
}

/// An amount; none is not known, and is never shown as zero.
pub(crate) fn fee(amount: Option<Dong>) -> Text {
    match amount {
        Some(Dong(0)) => Text::both("Không thu", "Free"),
        Some(amount) => Text::same(amount.to_string()),
        None => ask_the_officer(),
    }
}

/// Whether a fee depends on pages and copies.
fn by_page(procedure: &Procedure) -> bool {
    let rates = procedure.fee.value().map_or(&[][..], |fee| fee.0.as_slice());
    rates.iter().any(|rate| matches!(rate.rule, FeeRule::PerPage { .. } | FeeRule::PerCopy { .. }))
}

fn authority(authority: Authority) -> Text {
    match authority {
        Authority::Commune => Text::both("UBND xã, phường", "Commune or ward"),
        Authority::Province => Text::both("Cơ quan cấp thành phố", "City authority"),
        Authority::CommunePolice => Text::both("Công an xã, phường", "Commune or ward police"),
        Authority::ProvincePolice => Text::both("Công an thành phố", "City police"),
        Authority::SocialInsurance => Text::both("Bảo hiểm xã hội", "Social insurance"),
    }
}

/// A procedure as a tile.
pub(crate) fn tile(procedure: &Procedure, now: Moment) -> ProcedureTile {
    let ask = FeeAsk { day: now.day(), channel: Channel::Direct, case: None, pages: None, copies: None };
    ProcedureTile {
        code: procedure.code.to_string(),
        name: Text::both(&procedure.name_vi, procedure.name_en_or_vi()),
        field: procedure.field.clone(),
        instant: procedure.is_instant(),
        limit: procedure.time_limit.value().map_or_else(ask_the_officer, |known| limit(*known)),
        fee: fee_of(procedure, ask),
        fee_by_page: by_page(procedure),
        fee_known: by_page(procedure) || procedure.fee.value().is_some_and(|fee| fee.quote(ask).amount().is_some()),
        authority: procedure.authority.value().map_or_else(ask_the_officer, |known| authority(*known)),
        papers: procedure.papers.value().map(|papers| papers.iter().map(paper).collect()),
        source: procedure.papers.source().or(procedure.time_limit.source()).map(str::to_owned),
    }
}

fn paper(paper: &intake::catalogue::PaperNeeded) -> PaperNeeded {
    PaperNeeded {
        id: paper.id.clone(),
        name: Text::both(&paper.name_vi, &paper.name_en),
        original: paper.original.into(),
        certified: paper.certified.into(),
        copies: paper.copies.into(),
        shown_only: paper.only_presented,
        required: !paper.only_if_applicable,
    }
}

/// A field as a tile.
pub(crate) fn field(field: &Field, procedures: usize) -> FieldTile {
    FieldTile { id: field.id.clone(), name: Text::both(&field.name_vi, &field.name_en), procedures: procedures as u32 }
}

/// A promise.
pub(crate) fn due(due: Option<Moment>) -> Text {
    match due {
        Some(at) => {
            let civil = at.civil();
            Text::both(
                civil.strftime("%H giờ %M phút, ngày %d/%m/%Y").to_string(),
                civil.strftime("%H:%M, %d/%m/%Y").to_string(),
            )
        }
        None => Text::both("Chưa xác định, hỏi cán bộ", "Not known, ask an officer"),
    }
}

/// How a promise was reckoned, a line a step.
pub(crate) fn reasoning(due: &Due) -> Vec<Text> {
    let mut lines: Vec<Text> = due.reasoning.iter().map(step).collect();
    lines.push(Text::both(
        format!("Bảng ngày làm việc: {}", due.calendar_version),
        format!("Table of working days: {}", due.calendar_version),
    ));
    lines
}

fn step(step: &ReasonStep) -> Text {
    let at = |moment: &Moment| moment.civil().strftime("%H:%M %d/%m/%Y").to_string();
    let day = |day: &jiff::civil::Date| day.strftime("%d/%m/%Y").to_string();
    match step {
        ReasonStep::Received { at: moment } => {
            Text::both(format!("Nhận lúc {}", at(moment)), format!("Received at {}", at(moment)))
        }
        ReasonStep::CountsFrom { at: moment, because } => {
            let (vi, en) = outside(*because);
            Text::both(format!("Tính từ {} ({vi})", at(moment)), format!("Counted from {} ({en})", at(moment)))
        }
        ReasonStep::Limit { limit: known } => {
            let words = limit(*known);
            Text::both(format!("Thời hạn: {}", words.vi), format!("Time limit: {}", words.en))
        }
        ReasonStep::BeforeCutoff { cutoff } => Text::both(
            format!("Trước {}: trong ngày", cutoff.strftime("%H:%M")),
            format!("Before {}: the same day", cutoff.strftime("%H:%M")),
        ),
        ReasonStep::AfterCutoff { cutoff, next } => Text::both(
            format!("Sau {}: ngày làm việc tiếp theo, {}", cutoff.strftime("%H:%M"), day(next)),
            format!("After {}: the next working day, {}", cutoff.strftime("%H:%M"), day(next)),
        ),
        ReasonStep::WeekendSkipped { from, to } => Text::both(
            format!("Bỏ qua ngày nghỉ {} – {}", day(from), day(to)),
            format!("Days off passed over: {} – {}", day(from), day(to)),
        ),
        ReasonStep::HolidaySkipped { day: on, name_vi, name_en } => {
            Text::both(format!("Nghỉ lễ {}: {name_vi}", day(on)), format!("Holiday {}: {name_en}", day(on)))
        }
        ReasonStep::MadeUpDayCounted { day: on, name_vi, name_en } => {
            Text::both(format!("Làm bù {}: {name_vi}", day(on)), format!("Made-up day {}: {name_en}", day(on)))
        }
        ReasonStep::Waited { from, to, clock } => {
            let (vi, en) = match clock {
                SupplementClock::Restart => ("tính lại từ đầu", "the limit counts anew"),
                SupplementClock::Pause => ("không tính thời gian này", "that time does not count"),
            };
            Text::both(
                format!("Chờ bổ sung {} – {}: {vi}", at(from), at(to)),
                format!("Waited for papers {} – {}: {en}", at(from), at(to)),
            )
        }
        ReasonStep::Left { working_minutes, from } => {
            let (hours, minutes) = (working_minutes / 60, working_minutes % 60);
            Text::both(
                format!("Còn {hours} giờ {minutes:02} phút làm việc, tính từ {}", at(from)),
                format!("{hours} h {minutes:02} min of working time left, from {}", at(from)),
            )
        }
        ReasonStep::MovedOffDayOff { from, to } => Text::both(
            format!("Chuyển từ ngày nghỉ {} sang {}", day(from), day(to)),
            format!("Moved from a day off, {}, to {}", day(from), day(to)),
        ),
    }
}

/// What a promise rests on that is not certain, a line each.
pub(crate) fn assumptions(due: &Due) -> Vec<Text> {
    due.assumptions.iter().map(assumption).collect()
}

/// Something uncertain that a promise rests on.
pub(crate) fn assumption(assumption: &Assumption) -> Text {
    let day = |day: &jiff::civil::Date| day.strftime("%d/%m/%Y").to_string();
    match assumption {
        Assumption::Hours { since, source } => Text::both(
            format!("Giờ làm việc (từ {}) là giả định: {source}", day(since)),
            format!("The hours of work (since {}) are assumed: {source}", day(since)),
        ),
        Assumption::CityTable { agency } => Text::both(
            format!("Chưa có bảng giờ làm việc của {agency}: dùng bảng chung của thành phố"),
            format!("No table of working time is known for {agency}: the city's was used"),
        ),
        Assumption::Day { day: on, name_vi, name_en } => {
            Text::both(format!("Ngày {} là giả định: {name_vi}", day(on)), format!("{} is assumed: {name_en}", day(on)))
        }
        Assumption::AnnouncedNotCounted { day: on, name_vi, name_en } => Text::both(
            format!(
                "Ngày {} đã công bố là ngày nghỉ ({name_vi}) nhưng chưa được ban hành: tính như ngày thường",
                day(on)
            ),
            format!(
                "{} was announced as a day off ({name_en}) and is not enacted: counted as an ordinary day",
                day(on)
            ),
        ),
        Assumption::BeyondTable { from } => Text::both(
            format!("Bảng chưa có ngày nghỉ lễ từ {}", day(from)),
            format!("The table knows no holidays from {} on", day(from)),
        ),
    }
}

fn outside(because: OutsideHours) -> (&'static str, &'static str) {
    match because {
        OutsideHours::BeforeOpening => ("trước giờ làm việc", "before opening"),
        OutsideHours::Break => ("giờ nghỉ trưa", "midday break"),
        OutsideHours::AfterClosing => ("sau giờ làm việc", "after closing"),
        OutsideHours::DayOff => ("ngày nghỉ", "day off"),
        OutsideHours::ReceptionOnly => ("chỉ tiếp nhận", "reception only"),
    }
}

/// A national status in words, by its number.
pub(crate) fn status(number: u8) -> Text {
    let status = Status::ALL.into_iter().find(|status| status.number() == number);
    match status {
        Some(Status::Registered) => Text::both("Mới đăng ký", "Registered"),
        Some(Status::Accepted) => Text::both("Được tiếp nhận", "Accepted"),
        Some(Status::NotAccepted) => Text::both("Không được tiếp nhận", "Not accepted"),
        Some(Status::Processing) => Text::both("Đang xử lý", "In progress"),
        Some(Status::SupplementAsked) => Text::both("Yêu cầu bổ sung giấy tờ", "More papers needed"),
        Some(Status::DutyAsked) => Text::both("Yêu cầu thực hiện nghĩa vụ tài chính", "Payment due"),
        Some(Status::Withdrawn) => Text::both("Công dân yêu cầu rút hồ sơ", "Withdrawn by the citizen"),
        Some(Status::Stopped) => Text::both("Dừng xử lý", "Stopped"),
        Some(Status::Finished) => Text::both("Đã xử lý xong", "Finished"),
        Some(Status::Returned) => Text::both("Đã trả kết quả", "Result returned"),
        None => Text::both("Chưa rõ", "Not known"),
    }
}

/// A reason to go first, by its name.
pub(crate) fn priority_named(name: &str) -> Option<Priority> {
    match name {
        "elderly" => Some(Priority::Elderly),
        "disabled" => Some(Priority::Disabled),
        "pregnant" => Some(Priority::Pregnant),
        "child" => Some(Priority::Child),
        "merit" => Some(Priority::Merit),
        _ => None,
    }
}

/// A reason to go first, as the pages name it.
pub(crate) fn priority_name(priority: Priority) -> &'static str {
    match priority {
        Priority::Elderly => "elderly",
        Priority::Disabled => "disabled",
        Priority::Pregnant => "pregnant",
        Priority::Child => "child",
        Priority::Merit => "merit",
    }
}

/// How many people go before, and about how long it takes.
#[derive(Clone, Copy)]
pub(crate) struct Wait {
    pub(crate) ahead: u32,
    pub(crate) minutes: Option<u32>,
}

/// How long a ticket waits: people who go before it, and the day's pace, where that is known.
pub(crate) fn wait(state: &State, here: &Here, visit: &Visit) -> Wait {
    let waiting = state.waiting(visit.day, &here.rules);
    // A ticket that is still being printed does not stand in the order yet: it goes behind those of its kind.
    let place = waiting.iter().position(|other| other.id == visit.id);
    let of_its_kind = || waiting.iter().filter(|other| visit.priority.is_none() || other.priority.is_some()).count();
    let ahead = place.unwrap_or_else(of_its_kind) as u32;
    Wait { ahead, minutes: minutes_a_citizen(state, visit).map(|pace| (f64::from(ahead) * pace).ceil() as u32) }
}

/// The median time between first calls of a day, in minutes.
fn minutes_a_citizen(state: &State, visit: &Visit) -> Option<f64> {
    let today = state.visits().filter(|other| other.day == visit.day);
    let mut calls: Vec<i64> = today.filter_map(|other| other.calls.first().map(|call| call.at.0)).collect();
    calls.sort_unstable();
    let mut between: Vec<i64> = calls.windows(2).map(|pair| pair[1] - pair[0]).collect();
    between.sort_unstable();
    (between.len() >= ENOUGH_CALLS).then(|| between[between.len() / 2] as f64 / 60_000.0)
}

/// A ticket's text; its QR code is added by who can make it.
pub(crate) fn ticket(part: &StationPart, here: &Here, visit: &Visit, wait: Wait, copy: bool) -> TicketSlip {
    let procedure = here.catalogue.get(&visit.procedure);
    let name = |vi: bool| match procedure {
        Some(known) if vi => known.name_vi.clone(),
        Some(known) => known.name_en_or_vi().to_owned(),
        None => visit.procedure.to_string(),
    };
    TicketSlip {
        centre_name: (part.site_name.vi.clone(), part.site_name.en.clone()),
        service: (name(true), name(false)),
        number: visit.number.to_string(),
        zone: if visit.language == "en" { part.zone.en.clone() } else { part.zone.vi.clone() },
        issued_at: visit.issued_at,
        day: visit.day,
        ahead: wait.ahead,
        wait_minutes: wait.minutes,
        priority: visit.priority.is_some(),
        copy,
        language: visit.language.clone(),
        qr_text: String::new(),
        hotline: part.hotline.clone(),
    }
}
