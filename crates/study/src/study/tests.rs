#![allow(clippy::unwrap_used)]
use super::*;

#[test]
fn every_section_is_a_field_of_the_findings() {
    let findings = serde_json::to_value(Findings::default()).unwrap();
    let mut ids: Vec<&str> = section_ids().collect();
    assert!(ids.iter().all(|id| findings.get(id).is_some()), "{ids:?}");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), SECTIONS.len());
}

#[test]
fn a_section_needs_one_before_it() {
    for (at, section) in SECTIONS.iter().enumerate() {
        let before = || SECTIONS[..at].iter().map(|before| before.id);
        assert!(
            section.needs.is_none_or(|needed| before().any(|id| id == needed)),
            "{}",
            section.id
        );
    }
}
