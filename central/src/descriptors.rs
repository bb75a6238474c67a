//! How many connections the machine lets this process hold: each is a file descriptor, and some are needed for the log.

/// Descriptors that are kept for files, threads and the database.
const KEPT: usize = 128;
/// Where Linux tells a process its limits.
const LIMITS: &str = "/proc/self/limits";

/// So many connections at most, within what was wished for and what the machine gives. Says so where that is less.
pub(crate) fn connections(wished: usize) -> usize {
    let given = std::fs::read_to_string(LIMITS).ok().and_then(|text| soft_limit(&text));
    let room = given.map_or(wished, room_of);
    if room < wished {
        tracing::warn!(
            room,
            wished,
            "the machine gives fewer file descriptors (ulimit -n) than connections were wished for"
        );
    }
    room.min(wished)
}

/// What a limit leaves for connections: at least half of it.
fn room_of(limit: usize) -> usize {
    limit.saturating_sub(KEPT).max(limit / 2).max(1)
}

/// The soft limit of open files; none where there is no limit, or the text is another than expected.
fn soft_limit(text: &str) -> Option<usize> {
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_limit_is_read_and_leaves_room_for_the_log() {
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
                    Max processes             95980                95980                processes \n\
                    Max open files            1024                 524288               files     \n";
        assert_eq!(soft_limit(text), Some(1024));
        assert_eq!(soft_limit(&text.replace("1024 ", "unlimited ")), None);
        assert_eq!(soft_limit("something else"), None);
        assert_eq!(room_of(1024), 896);
        assert_eq!(room_of(100), 50);
    }

    #[test]
    fn nobody_gets_more_than_was_wished_for() {
        assert_eq!(connections(10), 10);
    }
}
