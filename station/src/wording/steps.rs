//! Steps, grounds and faults of a dossier in words.

use super::{due, fee};
use crate::api::Text;
use intake::catalogue::Authority;
use intake::dossier::{Abroad, Amends, Detail, Fault, Ground, ReturnBy, Step, Taken, Timeliness};
use intake::units::Unit;

/// A step that was taken, with what it carried.
pub(crate) fn taken(taken: &Taken) -> Text {
    let name = step(taken.step);
    let more = match &taken.detail {
        None => return name,
        Some(Detail::Forwarded { to, not_later_than, .. }) => {
            let by = due(Some(*not_later_than));
            Text::both(format!("{to}, trước {}", by.vi), format!("{to}, by {}", by.en))
        }
        Some(Detail::PapersAsked { papers, .. }) => {
            Text::both(format!("{} giấy tờ", papers.len()), format!("{} papers", papers.len()))
        }
        Some(Detail::PapersBrought { papers, due: promised, .. }) => {
            let promised = due(*promised);
            Text::both(
                format!("đã nhận {} giấy tờ bổ sung; hẹn trả {}", papers.len(), promised.vi),
                format!("{} papers were brought; promised for {}", papers.len(), promised.en),
            )
        }
        Some(Detail::Refused { ground: why }) => ground(*why),
        Some(Detail::DutyAsked { amount }) => fee(Some(*amount)),
        Some(Detail::Result { number: None }) => return name,
        Some(Detail::Result { number: Some(number) }) => Text::both(format!("số {number}"), format!("no. {number}")),
        Some(Detail::Returned { by }) => returned_by(*by),
        Some(Detail::Reappointed { due: promised, ground: why, .. }) => {
            let (promised, why) = (due(Some(*promised)), ground(*why));
            Text::both(format!("{}; {}", promised.vi, why.vi), format!("{}; {}", promised.en, why.en))
        }
    };
    Text::both(format!("{}: {}", name.vi, more.vi), format!("{}: {}", name.en, more.en))
}

fn step(step: Step) -> Text {
    let (vi, en) = match step {
        Step::Accept => ("Tiếp nhận", "Accepted"),
        Step::Refuse => ("Từ chối tiếp nhận", "Refused"),
        Step::Forward => ("Chuyển cơ quan có thẩm quyền", "Sent to the competent authority"),
        Step::Process => ("Chuyển xử lý", "Taken over"),
        Step::AskSupplement => ("Yêu cầu bổ sung", "Papers asked for"),
        Step::AskDuty => ("Yêu cầu thực hiện nghĩa vụ tài chính", "Payment asked for"),
        Step::Reappoint => ("Xin lỗi và hẹn lại", "Apology and new day"),
        Step::Withdraw => ("Công dân rút hồ sơ", "Withdrawn by the citizen"),
        Step::Stop => ("Dừng xử lý", "Stopped"),
        Step::Finish => ("Có kết quả", "Result there"),
        Step::Return => ("Trả kết quả", "Result returned"),
    };
    Text::both(vi, en)
}

/// What was put right on a dossier.
pub(crate) fn amended(amends: &[Amends]) -> Text {
    let what = amends.iter().map(|what| match what {
        Amends::Applicant => ("người nộp", "applicant"),
        Amends::Papers => ("thành phần hồ sơ", "papers"),
        Amends::Sets => ("số bộ", "sets"),
        Amends::Authority => ("cơ quan giải quyết", "authority"),
    });
    let (vi, en): (Vec<&str>, Vec<&str>) = what.unzip();
    Text::both(format!("Đính chính: {}", vi.join(", ")), format!("Put right: {}", en.join(", ")))
}

/// An authority as people call it; of a commune by its name.
pub(crate) fn authority_named(kind: Authority, unit: Option<&Unit>) -> Text {
    let name = unit.map(Unit::full_name).unwrap_or_default();
    match kind {
        Authority::Commune => Text::both(format!("UBND {name}"), format!("People’s Committee, {name}")),
        Authority::CommunePolice => Text::both(format!("Công an {name}"), format!("Police, {name}")),
        Authority::Province | Authority::ProvincePolice | Authority::SocialInsurance => super::authority(kind),
    }
}

/// Why a dossier is refused or stopped, or a promise moved.
pub(crate) fn ground(ground: Ground) -> Text {
    let (vi, en) = match ground {
        Ground::NotCompetent => ("Không thuộc thẩm quyền", "Another authority is competent"),
        Ground::NotEligible => ("Không đủ điều kiện theo quy định", "The law's conditions are not met"),
        Ground::PapersNotBrought => ("Không bổ sung giấy tờ", "The papers were not brought"),
        Ground::Duplicate => ("Trùng với hồ sơ đang giải quyết", "The same request is open already"),
        Ground::ProcedureWithdrawn => ("Thủ tục đã bị bãi bỏ", "The procedure is no longer in force"),
        Ground::AwaitsOthers => ("Chờ cơ quan khác xác minh, trả lời", "Another office must verify or answer"),
        Ground::Workload => ("Khối lượng hồ sơ lớn", "More work than the office can do in time"),
        Ground::Other => ("Lý do khác", "Another reason"),
    };
    Text::both(vi, en)
}

/// What is wrong with a paper.
pub(crate) fn fault(fault: Fault) -> Text {
    let (vi, en) = match fault {
        Fault::Missing => ("Còn thiếu", "Missing"),
        Fault::Illegible => ("Không đọc được", "Cannot be read"),
        Fault::Expired => ("Hết giá trị sử dụng", "No longer valid"),
        Fault::WrongForm => ("Không đúng mẫu hoặc kê khai chưa đúng", "Wrong form or filled in wrongly"),
        Fault::NotCertified => ("Cần bản chính hoặc bản có chứng thực", "Must be an original or certified"),
        Fault::Contradicts => ("Không thống nhất với giấy tờ khác", "Does not fit the other papers"),
    };
    Text::both(vi, en)
}

/// How a result reaches the citizen.
pub(crate) fn returned_by(by: ReturnBy) -> Text {
    let (vi, en) = match by {
        ReturnBy::Desk => ("tại quầy", "over the counter"),
        ReturnBy::Post => ("qua bưu chính công ích", "by post"),
        ReturnBy::Electronic => ("điện tử", "electronically"),
    };
    Text::both(vi, en)
}

/// How the office keeps its promise.
pub(crate) fn timeliness(timeliness: Timeliness) -> Text {
    let (vi, en) = match timeliness {
        Timeliness::Running => ("Trong hạn", "In time"),
        Timeliness::Early => ("Trước hạn", "Early"),
        Timeliness::OnTime => ("Đúng hạn", "On time"),
        Timeliness::Overdue => ("Quá hạn", "Overdue"),
    };
    Text::both(vi, en)
}

/// Where a dossier stands that another authority decides.
pub(crate) fn abroad(abroad: Abroad) -> Text {
    let (vi, en) = match abroad {
        Abroad::Awaited => ("Phi địa giới: chờ đơn vị tiếp nhận", "Elsewhere: not taken over yet"),
        Abroad::Processing => ("Phi địa giới: đang xử lý", "Elsewhere: being worked on"),
        Abroad::Returned => ("Phi địa giới: đã trả kết quả", "Elsewhere: result returned"),
    };
    Text::both(vi, en)
}
