//! The fast parallel reader against a slow, obvious one, with chunk borders everywhere.
#![allow(clippy::unwrap_used)]

mod common;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int64Type;
use cratedigger_catalog::csv::{ReadOptions, read};
use cratedigger_catalog::{Error, TableId};
use proptest::prelude::*;

const HEADER: &str = "genre_id,genre_color,genre_handle,genre_title\n";
const N_COLUMNS: usize = 4;

/// CSV one character at a time, straight from the rules: a field that starts with a quote runs to the closing one, a doubled
/// quote inside is a quote, anything behind the closing quote is text, a carriage return right before the line feed belongs to
/// the line end, empty lines are skipped. `None` for the last record if a quote is never closed.
fn slow_parse(text: &str) -> Vec<Option<Vec<String>>> {
    let mut records = Vec::new();
    let mut chars = text.chars().peekable();
    let mut record: Vec<String> = Vec::new();
    let mut field = String::new();
    let (mut at_start, mut quoted, mut was_quoted) = (true, false, false);
    while let Some(c) = chars.next() {
        if quoted {
            if c != '"' {
                field.push(c);
            } else if chars.peek() == Some(&'"') {
                chars.next();
                field.push('"');
            } else {
                quoted = false;
            }
            continue;
        }
        let line_end = c == '\n' || (c == '\r' && chars.peek() == Some(&'\n'));
        if line_end {
            if c == '\r' {
                chars.next();
            }
            if !(record.is_empty() && at_start) {
                record.push(std::mem::take(&mut field));
                records.push(Some(std::mem::take(&mut record)));
            }
            (at_start, was_quoted) = (true, false);
        } else if c == ',' {
            record.push(std::mem::take(&mut field));
            (at_start, was_quoted) = (true, false);
        } else if c == '"' && at_start && !was_quoted {
            (at_start, quoted, was_quoted) = (false, true, true);
        } else {
            at_start = false;
            field.push(c);
        }
    }
    if quoted {
        records.push(None);
    } else if !(record.is_empty() && at_start) {
        record.push(field);
        records.push(Some(record));
    }
    records
}

/// Texts with everything that can confuse a CSV reader.
fn cell() -> impl Strategy<Value = String> {
    let plain = proptest::collection::vec(
        prop::sample::select(vec!["a", "b", "é", "東", "\"", "\"\"", " ", "\r", "NA", "x"]),
        0..4,
    )
    .prop_map(|parts| parts.concat());
    let quoted = proptest::collection::vec(
        prop::sample::select(vec![
            "a", "é", ",", "\n", "\r\n", "\"\"", "\"\"\"\"", "\r", " ", "東",
        ]),
        0..5,
    )
    .prop_map(|parts| format!("\"{}\"", parts.concat()));
    prop_oneof![3 => plain, 3 => quoted, 1 => Just("\"a\"b\"".to_string()), 1 => Just(String::new())]
}

/// Records of mostly four fields, with an ascending index.
fn file() -> impl Strategy<Value = String> {
    let record = (
        proptest::collection::vec(cell(), 3..=3),
        prop::sample::select(vec!["\n", "\r\n", "\n\n"]),
    );
    let odd = prop_oneof![20 => Just(""), 1 => Just(",extra"), 1 => Just("\"open")];
    (proptest::collection::vec((record, odd), 0..12), any::<bool>()).prop_map(|(records, cut)| {
        let mut text = String::new();
        for (i, ((cells, end), odd)) in records.iter().enumerate() {
            text.push_str(&format!("{},{}{odd}{end}", i + 1, cells.join(",")));
        }
        if cut {
            text.truncate(text.trim_end_matches(['\n', '\r']).len());
        }
        text
    })
}

/// The tables that have a missing-value reading of their own are tested elsewhere; here only texts count.
fn is_missing(text: &str) -> bool {
    text.is_empty() || text == "NA"
}

proptest! {
    #![proptest_config(common::cases(600))]

    #[test]
    fn fast_and_slow_reader_agree(body in file(), block in 1usize..40, threads in 1usize..4) {
        let dir = common::folder(&[("raw_genres.csv", &format!("{HEADER}{body}"))]);
        let path = dir.path().join("raw_genres.csv");
        let got = common::read_in_blocks(&path, TableId::RawGenres, block, threads);
        let slow = slow_parse(&body);
        // The index of a record that a stray quote merged with its neighbours is no number either.
        let is_whole = |r: &Option<Vec<String>>| {
            r.as_ref().is_some_and(|r| r.len() == N_COLUMNS && r[0].trim().parse::<i64>().is_ok())
        };
        let n_whole = slow.iter().filter(|r| is_whole(r)).count() as u64;
        match got {
            Ok(table) => {
                prop_assert_eq!(n_whole, slow.len() as u64);
                let batch = common::whole(&table);
                prop_assert_eq!(batch.num_rows(), slow.len());
                for (row, want) in slow.iter().flatten().enumerate() {
                    prop_assert_eq!(batch.column(0).as_primitive::<Int64Type>().value(row).to_string(), want[0].trim());
                    for (column, want) in want.iter().enumerate().skip(1) {
                        let column = batch.column(column);
                        prop_assert_eq!(column.is_null(row), is_missing(want));
                        if !is_missing(want) {
                            prop_assert_eq!(column.as_string::<i32>().value(row), want);
                        }
                    }
                }
            }
            Err(Error::Records(bad)) => {
                let first = slow.iter().position(|r| !is_whole(r));
                prop_assert_eq!(Some(bad.first.record), first.map(|i| i as u64 + 1));
                prop_assert_eq!((bad.n_whole, bad.n_rejected), (n_whole, slow.len() as u64 - n_whole));
                // The position is that of the record's text, wherever the chunk borders were.
                let file = std::fs::read(&path).unwrap();
                let before = &file[..usize::try_from(bad.first.byte).unwrap()];
                if bad.first.column.is_none() {
                    prop_assert_eq!(before.iter().filter(|b| **b == b'\n').count() as u64 + 1, bad.first.line);
                }
            }
            Err(other) => panic!("{other}"),
        }
    }
}

proptest! {
    #![proptest_config(common::cases(500))]

    /// Whatever the bytes: no panic, the same verdict for every cut into chunks, and every record either kept or rejected.
    #[test]
    fn arbitrary_bytes_are_read_or_refused(
        body in proptest::collection::vec(prop_oneof![3 => prop::sample::select(b"1,\"\n\r[]'.e-".to_vec()), 1 => any::<u8>()], 0..300),
        with_header in any::<bool>(),
        block in 1usize..64,
    ) {
        let header = "feature,mfcc,zcr\nstatistics,mean,std\nnumber,01,01\ntrack_id,,\n";
        let mut text = if with_header { header.as_bytes().to_vec() } else { Vec::new() };
        text.extend_from_slice(&body);
        let dir = common::folder(&[]);
        let path = dir.path().join("features.csv");
        std::fs::write(&path, &text).unwrap();
        let verdict = |block: usize| match common::read_in_blocks(&path, TableId::Features, block, 2) {
            Ok(table) => format!("{:?}", common::whole(&table)),
            Err(error) => error.to_string(),
        };
        let want = verdict(1 << 20);
        prop_assert_eq!(verdict(block), want);
        let lenient = common::import_dir(dir.path(), &dir.path().join("store"), true);
        match common::read_in_blocks(&path, TableId::Features, block, 1) {
            Ok(table) => prop_assert_eq!(lenient.unwrap().tables[0].rows, table.n_rows),
            Err(Error::Records(bad)) => {
                let report = lenient.unwrap();
                let got = (report.tables[0].rows, report.tables[0].rejected);
                prop_assert_eq!(got, (bad.n_whole, bad.n_rejected));
            }
            Err(error) => prop_assert_eq!(lenient.unwrap_err().to_string(), error.to_string()),
        }
    }
}

#[test]
fn what_is_wrong_with_a_header_does_not_depend_on_the_blocks() {
    let dir = common::folder(&[]);
    let path = dir.path().join("raw_genres.csv");
    let told = |block_bytes: usize| {
        let options = ReadOptions {
            block_bytes,
            max_record_bytes: 20,
            ..ReadOptions::default()
        };
        read(&path, TableId::RawGenres, &options).unwrap_err().to_string()
    };
    for (text, first_column) in [
        // Quotes that nothing closes hold every byte behind them.
        ("\"\n", "`\\n`"),
        ("\"x\r\n\r\n", "`x\\r\\n\\r\\n`"),
        ("\"", "``"),
        ("\"\"", "``"),
        // A line end is a line feed, with one carriage return before it or none.
        ("x\r\r\n", "`x\\r`"),
        ("x\r\ny", "`x`"),
        ("x\r", "`x`"),
        ("\"x\r\"\r\n1\n", "`x\\r`"),
        // Longer than a record may be, with and without an end.
        ("a header that is long\n", "`a header that is long`"),
        ("a header that is longer\n1\n", "`a header that is long`"),
        ("\"a header without an end\n", "`a header without an `"),
    ] {
        std::fs::write(&path, text).unwrap();
        let want = told(1 << 20);
        assert!(
            want.contains(&format!("the first column is {first_column}")),
            "{text:?}: {want}"
        );
        for block in 1..text.len() + 2 {
            assert_eq!(told(block), want, "{text:?} in blocks of {block}");
        }
    }
}

#[test]
fn a_byte_order_mark_carriage_returns_and_empty_lines_are_tolerated() {
    let text = "\u{feff}genre_id,genre_title\r\n1,Rock\r\n\r\n2,\"Hip\r\nHop\"\r\n";
    let dir = common::folder(&[("raw_genres.csv", text)]);
    for block in 1..text.len() + 1 {
        let table =
            common::read_in_blocks(&dir.path().join("raw_genres.csv"), TableId::RawGenres, block, 2).unwrap();
        let batch = common::whole(&table);
        assert_eq!(batch.column(0).as_primitive::<Int64Type>().values(), &[1, 2]);
        let titles = batch.column(1).as_string::<i32>();
        assert_eq!(
            (titles.value(0), titles.value(1)),
            ("Rock", "Hip\r\nHop"),
            "blocks of {block}"
        );
    }
}

#[test]
fn neither_threads_nor_blocks_change_the_result() {
    let mut text =
        String::from("feature,mfcc,mfcc,zcr\nstatistics,mean,std,max\nnumber,01,02,01\ntrack_id,,,\n");
    for i in 0..5000 {
        let x = f64::from(i) * 0.37;
        text.push_str(&format!(
            "{i},{:.10e},{:.6},{}\n",
            x.sin(),
            x.cos() * 1e5,
            if i % 7 == 0 { "" } else { "0.5" }
        ));
    }
    let dir = common::folder(&[("features.csv", &text)]);
    let path = dir.path().join("features.csv");
    let want = common::whole(&common::read_in_blocks(&path, TableId::Features, 4 << 20, 1).unwrap());
    assert_eq!(want.num_rows(), 5000);
    for (block, threads) in [(100, 1), (100, 3), (4096, 2), (65536, 5)] {
        let got = common::read_in_blocks(&path, TableId::Features, block, threads).unwrap();
        assert!(block > 65000 || got.batches.len() > 1);
        assert_eq!(common::whole(&got), want, "blocks of {block}, {threads} threads");
    }
}
