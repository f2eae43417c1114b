//! What a shell and `man` are given tells of the same commands as `--help`.

use std::fs;
use std::process::Command;

use crate::common_desk::Desk;

/// The subcommands that `--help` lists.
fn commands(desk: &Desk) -> Vec<String> {
    let help = desk.ok(&["--help"]).stdout;
    let listed = help.split("Commands:\n").nth(1).unwrap();
    let names: Vec<String> = listed
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .filter(|name| name != "help")
        .collect();
    assert!(names.len() > 10, "only {names:?}");
    names
}

#[test]
fn bash_completes_commands_options_and_values() {
    let desk = Desk::empty();
    let script = desk.ok(&["completions", "bash"]).stdout;
    fs::write(desk.path("complete.bash"), script).unwrap();
    let complete = |words: &str| {
        let asked = format!(
            "source complete.bash; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _cratedigger cratedigger \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        let bash = Command::new("bash")
            .args(["-c", &asked])
            .current_dir(desk.path("."))
            .output();
        match bash {
            Ok(output) => Some(String::from_utf8(output.stdout).unwrap().trim().to_owned()),
            Err(_) => {
                eprintln!("skipped: no bash");
                None
            }
        }
    };
    let Some(first) = complete("cratedigger extr") else {
        return;
    };
    assert_eq!(first, "extract");
    assert_eq!(complete("cratedigger extract --resu").unwrap(), "--resume");
    assert_eq!(complete("cratedigger impute --format js").unwrap(), "json");
    let all = complete("cratedigger ''").unwrap();
    for name in commands(&desk) {
        assert!(all.split(' ').any(|word| word == name), "{name} is not in {all}");
    }
    assert!(!all.contains("decode-helper"), "{all}");
}

#[test]
fn each_shell_has_a_script() {
    let desk = Desk::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = desk.ok(&["completions", shell]).stdout;
        assert!(
            script.contains("extract") && script.contains("min-support"),
            "{shell}"
        );
    }
}

#[test]
fn each_command_has_a_page_and_pages_are_replaced_only_if_asked() {
    let desk = Desk::empty();
    desk.ok(&["man", "pages/man1"]);
    let page = |name: &str| fs::read_to_string(desk.path(&format!("pages/man1/{name}.1")));
    let whole = page("cratedigger").unwrap();
    assert!(whole.contains(".TH cratedigger 1"), "{whole}");
    for name in commands(&desk) {
        let text = page(&format!("cratedigger-{name}")).unwrap();
        assert!(text.contains(&format!(".TH cratedigger-{name} 1")), "{text}");
    }
    assert!(page("cratedigger-extract").unwrap().contains("\\-\\-resume"));
    assert!(page("cratedigger-model-show").is_ok());
    assert!(page("cratedigger-decode-helper").is_err());

    let refused = desk.run(&["man", "pages/man1"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    desk.ok(&["man", "pages/man1", "--force"]);
}
