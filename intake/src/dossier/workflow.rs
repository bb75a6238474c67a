//! The ten national statuses and the legal steps between them, on one page.

use serde::{Deserialize, Serialize};

/// The national portal's statuses, with the portal's numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 1 Mới đăng ký.
    Registered = 1,
    /// 2 Được tiếp nhận.
    Accepted = 2,
    /// 3 Không được tiếp nhận.
    NotAccepted = 3,
    /// 4 Đang xử lý.
    Processing = 4,
    /// 5 Yêu cầu bổ sung giấy tờ.
    SupplementAsked = 5,
    /// 6 Yêu cầu thực hiện nghĩa vụ tài chính.
    DutyAsked = 6,
    /// 7 Công dân yêu cầu rút hồ sơ.
    Withdrawn = 7,
    /// 8 Dừng xử lý.
    Stopped = 8,
    /// 9 Đã xử lý xong.
    Finished = 9,
    /// 10 Đã trả kết quả.
    Returned = 10,
}

impl Status {
    /// All ten, in the portal's order.
    pub const ALL: [Status; 10] = [
        Status::Registered,
        Status::Accepted,
        Status::NotAccepted,
        Status::Processing,
        Status::SupplementAsked,
        Status::DutyAsked,
        Status::Withdrawn,
        Status::Stopped,
        Status::Finished,
        Status::Returned,
    ];

    /// The portal's number, 1 to 10.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// Whether nothing can follow.
    pub fn is_ended(self) -> bool {
        Step::ALL.iter().all(|step| self.after(*step).is_none())
    }

    /// Where `step` leads from here; none where it is not legal.
    pub fn after(self, step: Step) -> Option<Status> {
        TRANSITIONS.iter().find(|(from, by, _)| *from == self && *by == step).map(|(_, _, to)| *to)
    }
}

/// A step of the one-stop workflow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Tiếp nhận.
    Accept,
    /// Từ chối tiếp nhận.
    Refuse,
    /// Chuyển đến cơ quan có thẩm quyền: the dossier stays accepted until that authority takes it over.
    Forward,
    /// Chuyển xử lý: the deciding officer takes over, or goes on after a wait.
    Process,
    /// Yêu cầu bổ sung, hoàn thiện.
    AskSupplement,
    /// Yêu cầu thực hiện nghĩa vụ tài chính.
    AskDuty,
    /// Xin lỗi và hẹn lại ngày trả kết quả.
    Reappoint,
    /// Công dân rút hồ sơ.
    Withdraw,
    /// Dừng xử lý.
    Stop,
    /// Có kết quả.
    Finish,
    /// Trả kết quả.
    Return,
}

impl Step {
    /// All steps.
    pub const ALL: [Step; 11] = [
        Step::Accept,
        Step::Refuse,
        Step::Forward,
        Step::Process,
        Step::AskSupplement,
        Step::AskDuty,
        Step::Reappoint,
        Step::Withdraw,
        Step::Stop,
        Step::Finish,
        Step::Return,
    ];
}

/// The workflow, whole: from, by, to. What is not here is not legal.
const TRANSITIONS: &[(Status, Step, Status)] = {
    use Status::*;
    use Step::*;
    &[
        (Registered, Accept, Accepted),
        (Registered, Refuse, NotAccepted),
        (Registered, AskSupplement, SupplementAsked),
        (Registered, AskDuty, DutyAsked),
        (Registered, Withdraw, Withdrawn),
        (Accepted, Forward, Accepted),
        (Accepted, Process, Processing),
        (Accepted, AskSupplement, SupplementAsked),
        (Accepted, AskDuty, DutyAsked),
        (Accepted, Withdraw, Withdrawn),
        (Accepted, Stop, Stopped),
        (Accepted, Reappoint, Accepted),
        (Accepted, Finish, Finished),
        (Processing, AskSupplement, SupplementAsked),
        (Processing, AskDuty, DutyAsked),
        (Processing, Withdraw, Withdrawn),
        (Processing, Stop, Stopped),
        (Processing, Reappoint, Processing),
        (Processing, Finish, Finished),
        (SupplementAsked, Accept, Accepted),
        (SupplementAsked, Process, Processing),
        (SupplementAsked, Refuse, NotAccepted),
        (SupplementAsked, Withdraw, Withdrawn),
        (SupplementAsked, Stop, Stopped),
        (DutyAsked, Accept, Accepted),
        (DutyAsked, Process, Processing),
        (DutyAsked, Withdraw, Withdrawn),
        (DutyAsked, Stop, Stopped),
        (Finished, Return, Returned),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_portal_knows_ten_statuses_by_number() {
        let numbers: Vec<u8> = Status::ALL.iter().map(|status| status.number()).collect();
        assert_eq!(numbers, (1..=10).collect::<Vec<u8>>());
    }

    #[test]
    fn nothing_leads_out_of_an_ended_dossier() {
        for ended in [Status::NotAccepted, Status::Withdrawn, Status::Stopped, Status::Returned] {
            assert!(Step::ALL.iter().all(|step| ended.after(*step).is_none()), "{ended:?}");
        }
    }

    #[test]
    fn every_status_but_the_first_can_be_reached_from_it() {
        let mut reached = vec![Status::Registered];
        let mut index = 0;
        while let Some(from) = reached.get(index).copied() {
            index += 1;
            for to in Step::ALL.iter().filter_map(|step| from.after(*step)) {
                if !reached.contains(&to) {
                    reached.push(to);
                }
            }
        }
        assert_eq!(reached.len(), Status::ALL.len());
    }

    #[test]
    fn a_result_is_returned_once_and_only_when_it_is_there() {
        assert_eq!(Status::Accepted.after(Step::Return), None);
        assert_eq!(Status::Finished.after(Step::Return), Some(Status::Returned));
        assert_eq!(Status::Returned.after(Step::Return), None);
    }
}
