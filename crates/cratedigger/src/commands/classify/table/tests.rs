#![allow(clippy::unwrap_used)]
use super::super::output::tests::{answer, full};
use super::*;

const PLAIN: Look = Look {
    top: 2,
    bars: false,
    colour: false,
    width: None,
};

#[test]
fn a_table_names_the_best_and_the_next() {
    let text = answer().table(&Look { bars: true, ..PLAIN });
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "id       genre  probability");
    assert_eq!(
        lines[1],
        "a,b.mp3  Rock        0.7500  ███████████████░░░░░  Folk 0.25"
    );
    assert_eq!(
        lines[2],
        "7        -           0.3000  ██████░░░░░░░░░░░░░░  Folk 0.30, Rock 0.30"
    );
    let plain = answer().table(&Look { top: 1, ..PLAIN });
    assert_eq!(plain.lines().nth(1).unwrap(), "a,b.mp3  Rock        0.7500");
}

#[test]
fn what_was_asked_for_stands_below_its_recording() {
    let text = full().table(&PLAIN);
    let want = "\
id       genre  probability
a,b.mp3  Rock        0.7500  Folk 0.25
    set      90 %: Rock
    styles   Rock › Punk 0.50
    for      mfcc                 +41.0 %
    against  zcr                   -2.0 %
    near      0.50  2  Food, by Ann, and Bob (Rock)
              1.25  10  Ann, and Bob (Rock)
    tag      Blues, \"old\" stays; --overwrite-genre replaces it
7        -           0.3000  not sure (below 0.50): Folk 0.30, Rock 0.30
    set      90 %: no genre is likely enough
    styles   none is likely enough
    for      zcr                  +25.0 %
             1 family makes hardly any difference to Folk
    near      0.75  2  Food, by Ann, and Bob (Rock)
    tag      nothing written: no genre is named
";
    assert_eq!(text, want);
}

#[test]
fn on_a_terminal_the_line_that_is_drawn_is_the_threshold_and_nothing_is_wider_than_the_screen() {
    let terminal = |width, colour| {
        full().table(&Look {
            top: 2,
            bars: true,
            colour,
            width: Some(width),
        })
    };
    let text = terminal(100, false);
    assert!(text.contains("██████████┊████░░░░░"), "{text}");
    assert!(text.contains("██████░░░░┊░░░░░░░░░"), "{text}");
    assert!(text.contains("unsure: Folk 0.30, Rock 0.30"), "{text}");
    assert!(text.ends_with("┊ below 0.50 no genre is named\n"), "{text}");
    assert!(text.contains("+41.0 %  ████████████████████\n"), "{text}");
    assert!(!text.contains('\x1b'));
    let mut coloured = terminal(100, true);
    for code in ["0", "1", "2", "33", "36"] {
        assert!(coloured.contains(&format!("\x1b[{code}m")), "{coloured:?}");
        coloured = coloured.replace(&format!("\x1b[{code}m"), "");
    }
    assert_eq!(coloured, text, "colours change nothing else");
    for width in [63, 64, 80, 100] {
        let text = terminal(width, false);
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
    let narrow = terminal(40, false);
    assert!(!narrow.contains(['█', '░', '┊']), "{narrow}");
}

#[test]
fn a_name_cannot_give_orders_to_a_terminal() {
    let mut answer = full();
    let order = "\x1b]0;x\x07\n\u{9b}2J";
    answer.ids[0] = format!("a{order}.mp3");
    answer.labels[1] = format!("Rock{order}");
    answer.styles.as_mut().unwrap().names[1] = format!("Rock{order}");
    let tracks = answer.neighbours.as_mut().unwrap();
    tracks[0][0].track.title = Some(order.to_owned());
    answer.tags.as_mut().unwrap()[0].before = Some(order.to_owned());
    let n_lines = full().table(&PLAIN).lines().count();
    answer.make_printable();
    let text = answer.table(&PLAIN);
    assert!(!text.replace('\n', "").contains(char::is_control), "{text:?}");
    assert_eq!(text.lines().count(), n_lines, "{text}");
    assert_eq!(text.matches("\\u{1b}]0;x\\u{7}\\n\\u{9b}2J").count(), 7, "{text}");
}

#[test]
fn long_names_keep_their_end() {
    assert_eq!(shorten("a/very/long/path/song.mp3", 14), "a/ve…/song.mp3");
    assert_eq!(shorten("short", 14), "short");
}
