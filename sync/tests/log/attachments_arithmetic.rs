//! The arithmetic of a city's scans, reckoned and held against docs/attachments.md.

const PAGE: &str = include_str!("../../../docs/attachments.md");

#[test]
fn the_page_says_what_the_arithmetic_gives() {
    let (dossier, dossiers, stations, agents, sites) = (3 * 500_000u64, 300, 1_764, 2_000, 126);
    let station = dossier * dossiers;
    let site = station * stations / sites;
    let city = station * (stations + agents);
    let mut rows = vec![
        format!("| a station or an agent | {} MB |", station / 1_000_000),
        format!("| a site of {} stations | {:.1} GB |", stations / sites, site as f64 / 1e9),
        format!("| the city, {} dossiers | {:.2} TB |", dossiers * (stations + agents), city as f64 / 1e12),
        format!("| the city, a year of 250 days | {:.0} TB |", city as f64 * 250.0 / 1e12),
        format!("The centre takes {:.0} Mbit/s around the clock", city as f64 * 8.0 / 86_400.0 / 1e6),
        format!("{:.0} Mbit/s when all is sent in eight hours", city as f64 * 8.0 / 28_800.0 / 1e6),
    ];
    for megabits in [10u64, 50, 100] {
        let minutes = site as f64 * 8.0 / (megabits as f64 * 1e6) / 60.0;
        let hourly = site as f64 / 24.0 / 1e6;
        let share = hourly * 8.0 / 3_600.0 / megabits as f64 * 100.0;
        rows.push(format!("| {megabits} Mbit/s | {minutes:.0} min | {share:.1} % |"));
    }
    for row in rows {
        assert!(PAGE.contains(&row), "missing: {row}");
    }
}
