//! Envelopes with their account in front.

use crate::support::{ANNA, BACK, Stage, written};

#[test]
fn an_envelope_may_have_its_account_in_front() {
    for stage in Stage::all() {
        let envelope = stage.envelope().id;
        let owned = format!("trial:{envelope}");
        let list = |id: &str| stage.run(&["recipients", id, "--json"]);
        assert_eq!(list(&owned).json(), list(&envelope).json());
        for arguments in [
            ["view", &owned, "--recipient", ANNA, "--return-url", BACK].as_slice(),
            &["resend", &owned, "--recipient", ANNA],
            &["access-code", &owned, "--recipient", ANNA, "--generate", "8"],
            &["plan", "resend", &owned, "--recipient", ANNA],
            &["--account", "trial", "recipients", &owned],
        ] {
            stage.run(arguments).ends(0);
        }
    }
}

#[test]
fn only_a_configured_account_counts_and_only_once() {
    for stage in Stage::all() {
        let envelope = stage.envelope().id;
        // Any other id with a colon is the vendor's affair.
        let unknown = stage.run(&["recipients", &format!("other:{envelope}")]).ends(5);
        assert!(unknown.err.starts_with("there is no account `other`"), "{unknown:?}");
        stage.run(&["recipients", "trial:.."]).ends(3).blank();
        stage
            .run(&["--account", "other", "recipients", &format!("trial:{envelope}")])
            .ends(3)
            .blank()
            .says("`trial`")
            .says("`other`");
    }
}

#[test]
fn the_lines_of_a_file_may_have_it_too() {
    for stage in Stage::all() {
        let envelope = stage.envelope().id;
        let file = written("owned", &format!("{}.csv", stage.name), format!("envelope\ntrial:{envelope}\n"));
        stage.run(&["--account", "elsewhere", "recipients", "--from", &file]).ends(0);
        let file = written(
            "owned",
            &format!("{}-two.csv", stage.name),
            format!("account,envelope\nother,trial:{envelope}\n"),
        );
        stage.run(&["recipients", "--from", &file]).ends(3).says("line 2, account: differs");
    }
}
